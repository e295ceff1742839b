package steersweep.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Attribute;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.DemoSizedRun;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.result.RunFolder;

class ReportsTest {
  @TempDir Path folder;

  @Test
  void aDemoSizedReportIsSmallAndLoadsNothing() throws Exception {
    RunFolder run = DemoSizedRun.write(folder, false);

    Verdict verdict = Reports.write(run);

    String html = Files.readString(run.reportFile());
    assertThat(html.length()).isLessThan(1_500_000);
    assertThat(html).doesNotContainPattern("(?i)(src|href|action)\\s*=\\s*[\"']?(https?:|//)");
    assertThat(html).doesNotContainPattern("(?i)url\\(\\s*[\"']?(?!#)");
    assertThat(html).doesNotContainIgnoringCase("@import");
    assertThat(Jsoup.parse(html).select("link, iframe, img, object, embed, base")).isEmpty();
    assertThat(verdict.somethingWorks()).isTrue();
    assertThat(verdict.lines()).hasSizeBetween(3, 6);
    assertThat(verdict.lines().get(0)).startsWith("Best: value layer ");
  }

  @Test
  void everyFigureIsDescribedAndHasItsNumbers() throws Exception {
    RunFolder run = DemoSizedRun.write(folder, false);

    Reports.write(run);

    Document page = page(run);
    List<Element> figures = page.select("figure");
    // Effect and fluency of two hook points, ten scales of value by head, two charts.
    assertThat(figures).hasSize(2 * 2 + 10 + 2);
    for (Element figure : figures) {
      Element svg = figure.selectFirst("svg");
      assertThat(svg.attr("role")).isEqualTo("img");
      assertThat(svg.child(0).normalName()).isEqualTo("title");
      assertThat(svg.child(1).normalName()).isEqualTo("desc");
      for (String id : svg.attr("aria-labelledby").split(" ", -1)) {
        assertThat(page.getElementById(id)).as(id).isNotNull();
      }
      assertThat(figure.select("details table tbody tr")).as(figure.id()).isNotEmpty();
      Path file = run.path().resolve("figures").resolve(figure.id() + ".svg");
      DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    }
    assertThat(page.select("[id]").eachAttr("id")).doesNotHaveDuplicates();
  }

  @Test
  void theHeatmapShowsTheMeanOfItsSite() throws Exception {
    RunFolder run = steered(HookPoint.VALUE).write();

    Reports.write(run);

    Element cell = page(run).select("#effect-value svg g").get(1);
    assertThat(cell.selectFirst("text").text()).isEqualTo("+0.50");
    assertThat(cell.selectFirst("title").text())
        .startsWith("value layer 2 all heads at scale +2: effect +0.50 [")
        .endsWith("n 12, works");
    assertThat(page(run).select("#effect-value details td").eachText())
        .containsExactly("−0.25 works", "+0.50 works");
  }

  @Test
  void theTextsAreThoseOfThePairWithTheMiddleEffect() throws Exception {
    RunFolder run = steered(HookPoint.VALUE).write();

    Reports.write(run);

    Element example = page(run).selectFirst(".example");
    assertThat(example.select("dd").eachText()).containsExactly("base 5", "plants");
    assertThat(example.select("h4").eachText()).containsExactly("baseline", "best", "opposite");
    assertThat(example.select("blockquote").eachText())
        .containsExactly("the old pie", "the old tofu 5", "the old ham 5");
    assertThat(example.select("mark").eachText()).containsExactly("tofu 5", "ham 5");
  }

  @Test
  void aRunOfResidualPostAloneHasNoHeads() throws Exception {
    RunFolder run = steered(HookPoint.RESIDUAL_POST).write();

    Verdict verdict = Reports.write(run);

    assertThat(page(run).select("#heads")).isEmpty();
    assertThat(page(run).select("#effect-residual-post")).hasSize(1);
    assertThat(verdict.lines().get(0)).startsWith("Best: residual_post layer 2 at scale +2.");
  }

  @Test
  void aRunOfSingleHeadsAloneSaysWhyALayerMapIsMissing() throws Exception {
    SyntheticRun synthetic = new SyntheticRun(folder);
    add(synthetic, new Site(HookPoint.VALUE, 0, 3));
    RunFolder run = synthetic.write();

    Reports.write(run);

    assertThat(page(run).select("#layers").text()).contains("only single heads");
    assertThat(page(run).select("#heads figure")).hasSize(2);
  }

  @Test
  void nothingWorksIsSaidPlainly() throws Exception {
    RunFolder run = DemoSizedRun.write(folder, true);

    Verdict verdict = Reports.write(run);

    assertThat(verdict.somethingWorks()).isFalse();
    assertThat(verdict.lines().get(0)).startsWith("Nothing works.").contains("Largest mean effect");
    assertThat(page(run).selectFirst("#verdict h2").text()).isEqualTo("Nothing works.");
    assertThat(Files.readString(run.summaryFile())).contains("**Nothing works.**");
    assertThat(page(run).select(".version h4").eachText()).doesNotContain("best");
  }

  @Test
  void anUnfinishedRunSaysWhatIsMissing() throws Exception {
    SyntheticRun synthetic = steered(HookPoint.VALUE).planned(11_544);
    synthetic.failed(synthetic.pair("good", "x", "y"), null, 0, "CUDA <out> of memory");
    RunFolder run = synthetic.write();

    Verdict verdict = Reports.write(run);

    String missing = "Unfinished: 37 of 11 544 cells finished, 1 cell failed.";
    assertThat(verdict.lines()).endsWith(missing);
    assertThat(page(run).select(".warning").eachText()).anyMatch(text -> text.startsWith("Unfin"));
    assertThat(page(run).select("#facts").text()).contains("CUDA <out> of memory");
  }

  @Test
  void aRunThatHasJustBegunHasAReport() throws Exception {
    RunFolder run = new SyntheticRun(folder).planned(100).write();

    Verdict verdict = Reports.write(run);

    assertThat(verdict.lines())
        .containsExactly(
            "No verdict: no steered cell has a score yet.", "Unfinished: 0 of 100 cells finished.");
    assertThat(page(run).select("#facts")).hasSize(1);
  }

  @Test
  void theWarningsAboutControlAndChoiceAreInAllThree() throws Exception {
    RunFolder run = steered(HookPoint.VALUE).write();

    Verdict verdict = Reports.write(run);

    assertThat(String.join(" ", verdict.lines()))
        .contains("no random-direction control")
        .contains("chosen on the same prompts");
    assertThat(page(run).selectFirst("#verdict .warning").text()).contains("no random-direction");
    assertThat(Files.readString(run.summaryFile())).contains("no random-direction control");
  }

  @Test
  void theTerminalGetsAsciiSigns() {
    Verdict verdict = Reports.write(steered(HookPoint.VALUE).write());

    assertThat(verdict.lines()).allMatch(line -> line.chars().allMatch(c -> c >= 32 && c < 127));
    assertThat(String.join(" ", verdict.lines())).contains("at scale -2, -0.25 [-0.2");
  }

  @Test
  void theSameResultsGiveTheSameBytesAndNothingElseIsLeft() throws Exception {
    RunFolder run = steered(HookPoint.VALUE).write();
    Reports.write(run);
    String first = Files.readString(run.reportFile());
    Path stale = Files.writeString(run.path().resolve("figures/heads-value-plus-9.svg"), "old");

    Reports.write(run);

    assertThat(Files.readString(run.reportFile())).isEqualTo(first);
    assertThat(stale).doesNotExist();
    try (Stream<Path> files = Files.walk(run.path())) {
      assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".tmp"));
    }
  }

  @Test
  void onlyThePagesOwnScriptMayRun() throws Exception {
    RunFolder run = steered(HookPoint.VALUE).write();
    Reports.write(run);
    Element script = page(run).selectFirst("script");
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(script.data().getBytes(StandardCharsets.UTF_8));

    String policy =
        page(run).selectFirst("meta[http-equiv=Content-Security-Policy]").attr("content");

    assertThat(policy)
        .contains("default-src 'none'")
        .contains("'sha256-" + Base64.getEncoder().encodeToString(hash) + "'")
        .doesNotContain("script-src 'unsafe");
  }

  /** One layer, two scales that work, twelve base prompts with effects around +0.5 and -0.25. */
  private SyntheticRun steered(HookPoint hookPoint) {
    SyntheticRun run = new SyntheticRun(folder);
    add(run, SyntheticRun.whole(hookPoint, 2));
    return run;
  }

  private static void add(SyntheticRun run, Site site) {
    for (int i = 0; i < 12; i++) {
      PromptPair pair = run.pair("vegan", "base " + i, "plants");
      double spread = 0.01 * (i - 5.5);
      run.baseline(pair, Text.same(" the old pie", i));
      run.cell(pair, site, -2, Text.changed(" the old ham " + i, i - 0.25 + spread));
      run.cell(pair, site, 2, Text.changed(" the old tofu " + i, i + 0.5 + spread));
    }
  }

  static Document page(RunFolder run) throws Exception {
    Document page = Jsoup.parse(Files.readString(run.reportFile()));
    assertThat(
            page.getAllElements().stream()
                .flatMap(element -> element.attributes().asList().stream())
                .map(Attribute::getKey)
                .filter(name -> name.startsWith("on")))
        .isEmpty();
    return page;
  }
}
