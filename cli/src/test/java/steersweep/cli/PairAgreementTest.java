package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import steersweep.result.PairSite;

/**
 * What pairs of texts are to the demo model before anything is steered, against transformers in
 * float64 ({@code make golden}), which leaves each pair out anew.
 */
class PairAgreementTest {
  private static final Path ORACLE = Path.of("src/test/resources/pairs");
  private static final double TOLERANCE = 1e-4;

  @TempDir Path folder;

  private Path plan(String source, String grid) throws IOException {
    Files.copy(ORACLE.resolve("pairs.jsonl"), folder.resolve("pairs.jsonl"));
    return Files.writeString(
        folder.resolve("plan.yaml"),
        """
        concepts:
          - name: evil
            base_prompts: [Tomorrow I will, My dream is to]
            steering_prompts: I am evil.
            contrast_prompts: I am kind.
        %s
        grid:
        %s
          settings: [2]
          positions: mean
        generate: {new_tokens: 4, cells: all}
        """
            .formatted(source.indent(4), grid.indent(2)));
  }

  private CommandRun run(String verb, Path plan, String... more) {
    String[] all = {verb, "--model", "../demo/model", "--conf", plan.toString()};
    String[] arguments = Arrays.copyOf(all, all.length + more.length);
    System.arraycopy(more, 0, arguments, all.length, more.length);
    return CommandRun.of(arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {"last", "answer", "all"})
  void figuresAreThoseOfTransformersAtEverySite(String tokens) throws IOException {
    Path out = folder.resolve("sites.parquet");
    Path plan =
        plan(
            "pairs: pairs.jsonl\npair_tokens: " + tokens,
            """
            hook_points: [value, head_output, attention_output, mlp_output, residual_post]
            layers: all
            heads: [all, each]""");

    CommandRun run = run("plan", plan, "--with-model", "--pairs-out", out.toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    List<PairSite> rows = PairSite.read(out);
    int compared = 0;
    for (JsonNode expected :
        new ObjectMapper().readTree(ORACLE.resolve("expected.json").toFile()).get("sites")) {
      if (expected.get("pair_tokens").asText().equals(tokens)) {
        PairSite row = find(rows, expected);
        compared++;
        assertThat(row.concept()).isEqualTo("evil");
        assertThat(row.pairs()).isEqualTo(7);
        assertThat(row.agreement())
            .as(expected.toString())
            .isCloseTo(expected.get("agreement").asDouble(), within(TOLERANCE));
        if (expected.get("separation").isNull()) {
          assertThat(row.separation()).as(expected.toString()).isNull();
        } else {
          assertThat(row.separation())
              .as(expected.toString())
              .isCloseTo(expected.get("separation").asDouble(), within(10 * TOLERANCE));
        }
      }
    }
    assertThat(rows).hasSize(compared).hasSizeGreaterThan(100);
  }

  private static PairSite find(List<PairSite> rows, JsonNode expected) {
    Site site =
        new Site(
            HookPoint.of(expected.get("hook_point").asText()).orElseThrow(),
            expected.get("layer").asInt(),
            expected.get("head").isNull() ? Site.ALL_HEADS : expected.get("head").asInt());
    return rows.stream().filter(row -> row.site().equals(site)).findFirst().orElseThrow();
  }

  @Test
  void theBestSitesAreNamedAndTheSweepWritesTheSameForItsReport() throws IOException {
    String grid = "hook_points: [value, residual_post]\nlayers: all";
    Path plan = plan("pairs: pairs.jsonl", grid);
    Path out = folder.resolve("sites.parquet");

    CommandRun planned = run("plan", plan, "--with-model", "--pairs-out", out.toString());
    CommandRun swept = run("sweep", plan, "--runs", folder.resolve("runs").toString());

    assertThat(swept.err()).isEmpty();
    String block =
        planned.out().lines().filter(line -> line.startsWith("pairs  ")).findFirst().orElseThrow();
    assertThat(block)
        .isEqualTo(
            "pairs         evil, 7 of them; where each agrees most with the others (cosine), and how"
                + " far apart the sides are there (d'):");
    assertThat(planned.out())
        .containsPattern(
            "  residual_post +layer \\d: \\+0\\.\\d\\d, d' \\+\\d\\.\\d\\d; layer \\d: .*; layer \\d: ")
        .contains("all sites     " + out);
    assertThat(swept.out()).contains(block);
    Path run = RunRows.runs(folder.resolve("runs")).get(0).path();
    assertThat(PairSite.read(run.resolve("pairs.parquet")))
        .isEqualTo(PairSite.read(out))
        .isNotEmpty();
    assertThat(Files.readString(run.resolve("report.html")))
        .contains("Do the pairs agree?", "Agreement of pairs by layer: evil");
    assertThat(Files.readString(run.resolve("summary.md"))).contains("pairs of texts agree");
  }

  @Test
  void aPlanWithoutPairsSaysSo() throws IOException {
    Path plan = plan("", "hook_points: value\nlayers: [1]");
    CommandRun run = run("plan", plan, "--with-model");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("pairs         none: no concept of this plan is steered with pairs");
  }

  @Test
  void aFileForPairsNeedsTheModel() throws IOException {
    Path plan = plan("pairs: pairs.jsonl", "hook_points: value\nlayers: [1]");
    CommandRun run = run("plan", plan, "--pairs-out", "x.parquet");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("error: --pairs-out: without a model; expected --with-model beside it\n");
  }
}
