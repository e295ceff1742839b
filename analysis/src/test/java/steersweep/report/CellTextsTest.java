package steersweep.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.Choice;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.result.RunFolder;

/** What the page has of each cell; what a browser makes of it is in {@link ReportInBrowserTest}. */
class CellTextsTest {
  private static final Site SITE = SyntheticRun.whole(HookPoint.VALUE, 2);

  @TempDir Path folder;

  @Test
  void everyCellHasItsTextsAndNumbers() throws Exception {
    SyntheticRun synthetic = new SyntheticRun(folder);
    PromptPair pair = synthetic.pair("vegan", "My food is", "I like plants.");
    synthetic.baseline(pair, Text.same(" the old pie", 0));
    synthetic.prompted(pair, Text.changed(" leaves", 1));
    synthetic.cell(pair, SITE, 2, Text.changed(" tofu", 0.5).with(Measure.DAMAGE, 0.1234));
    synthetic.cell(pair, SITE, -2, Text.changed(" the old pie", -0.5).with(Measure.COHERENT, 0));
    synthetic.random(pair, 0, SITE, 2, Text.changed(" chairs", 0.1));
    synthetic.random(pair, 1, SITE, 2, Text.changed(" not this one", 0.1));

    JsonNode data = data(report(synthetic));

    assertThat(strings(data.at("/points"))).isEqualTo("value/2/all/-2 value/2/all/+2");
    assertThat(text(data, "/pairs/0/base")).isEqualTo("My food is");
    assertThat(text(data, "/pairs/0/steering")).isEqualTo("I like plants.");
    assertThat(text(data, "/pairs/0/baseline/text")).isEqualTo("the old pie");
    assertThat(text(data, "/pairs/0/prompted/text")).isEqualTo("leaves");
    assertThat(text(data, "/cells/1/0/steered/text")).isEqualTo("tofu");
    assertThat(text(data, "/cells/1/0/control/text")).isEqualTo("chairs");
    assertThat(text(data, "/cells/0/0/control/text")).isEqualTo("chairs");
    assertThat(data.at("/cells/0/0/steered/text")).isEqualTo(data.at("/pairs/0/baseline/text"));
    assertThat(data.at("/cells/0/0/steered/coherent").asInt()).isZero();
    assertThat(data.at("/cells/1/0/damage").asDouble()).isEqualTo(0.123);
    assertThat(data.at("/cells/1/0/steered/evidence").asDouble()).isEqualTo(4);
    assertThat(data.at("/concepts/0/scores/1/damage").asDouble()).isEqualTo(0.123);
    assertThat(strings(data.at("/concepts/0/targets"))).isEqualTo("pie tofu");
    assertThat(data.at("/note").asText()).isEmpty();
  }

  @Test
  void ofMoreThanFiveMegabytesThePageHasThoseOfChosenCellsAndSaysSo() throws Exception {
    SyntheticRun synthetic = new SyntheticRun(folder);
    Site other = SyntheticRun.whole(HookPoint.VALUE, 3);
    synthetic.choose("vegan", SITE, 2, Choice.Why.BEST);
    synthetic.choose("vegan", other, 2, Choice.Why.SAMPLE);
    Random random = new Random(3);
    for (int i = 0; i < 40; i++) {
      PromptPair pair = synthetic.pair("vegan", "base " + i, "plants");
      synthetic.baseline(pair, Text.same(" the old pie", 0));
      synthetic.cell(pair, SITE, 2, Text.changed(noise(random, 1_000), 0.5));
      synthetic.cell(pair, other, 2, Text.changed(noise(random, 130_000), 0.5));
    }

    Document page = report(synthetic);

    JsonNode data = data(page);
    assertThat(page.toString().length()).isLessThan(5_000_000);
    assertThat(data.at("/cells/0/7/steered/text").isInt()).isTrue();
    assertThat(data.at("/cells/1/7/steered").isNull()).isTrue();
    assertThat(data.at("/cells/1/7/pull").asDouble()).isEqualTo(0.5);
    assertThat(data.at("/note").asText()).contains("completions/*.parquet");
    assertThat(page.select("#texts").text()).contains("completions/*.parquet");
  }

  private static String noise(Random random, int letters) {
    return random
        .ints(letters, 'a', 'z' + 1)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static Document report(SyntheticRun synthetic) throws Exception {
    RunFolder run = synthetic.write();
    Reports.write(run);
    return ReportsTest.page(run);
  }

  private static JsonNode data(Document page) throws IOException {
    byte[] packed = Base64.getDecoder().decode(page.getElementById("cells").data());
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static String text(JsonNode data, String place) {
    return data.get("texts").get(data.at(place).asInt()).asText();
  }

  private static String strings(JsonNode list) {
    return IntStream.range(0, list.size())
        .mapToObj(i -> list.get(i).asText())
        .collect(Collectors.joining(" "));
  }
}
