package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SimulatedRun;
import steersweep.plan.Stage;
import steersweep.report.ComparisonPage;
import steersweep.result.CompletionRow;
import steersweep.result.ParquetFiles;
import steersweep.result.RunFolder;
import steersweep.score.Comparison.Difference;
import steersweep.score.Comparison.Fate;

/** Compared are simulated runs whose true effects are known. */
class ComparisonTest {
  private static final SimulatedRun STRONG =
      new SimulatedRun(4, 6, 1, 4, 0, List.of(-5.0, 2.0, 5.0), 1, 1.5, 1);

  @TempDir static Path folder;
  private static RunFolder strong;
  private static RunFolder again;
  private static RunFolder weak;

  @BeforeAll
  static void writeRuns() {
    strong = STRONG.write(folder.resolve("strong"));
    again = other(STRONG.scales(), 1.5, 2).write(folder.resolve("again"));
    weak = other(STRONG.scales(), 0.3, 3).write(folder.resolve("weak"));
  }

  private static SimulatedRun other(List<Double> scales, double effect, long seed) {
    return new SimulatedRun(4, 6, 1, 4, 0, scales, 1, effect, seed);
  }

  @Test
  void aRunDoesNotDifferFromItself() {
    Comparison comparison = Comparison.of(strong, strong);
    assertThat(comparison.settings()).isEmpty();
    assertThat(comparison.sharedPairs()).isEqualTo(24);
    assertThat(comparison.differences()).hasSize(24);
    assertThat(comparison.differences())
        .allSatisfy(
            difference -> {
              assertThat(difference.change().mean()).isZero();
              assertThat(difference.certain()).isFalse();
            });
    assertThat(comparison.recommended().fate()).isEqualTo(Fate.NOT_CLEARLY_DIFFERENT);
  }

  @Test
  void theSameTruthWithOtherNoiseIsNotClearlyDifferent() {
    Comparison comparison = Comparison.of(strong, again);
    assertThat(comparison.recommended().fate().worse()).isFalse();
    assertThat(comparison.differences()).filteredOn(Difference::certain).isEmpty();
  }

  @Test
  void aRecommendedSiteThatSteersLessIsWorse() {
    Comparison comparison = Comparison.of(strong, weak);
    assertThat(comparison.controlled()).isTrue();
    assertThat(comparison.recommended().fate()).isEqualTo(Fate.WORSE);
    SiteScore recommended = comparison.recommended().score();
    Interval change = comparison.recommended().change();
    double truth = -0.8 * STRONG.truth(recommended.site(), recommended.scale());
    assertThat(change.mean()).isCloseTo(truth, within(0.35));
    assertThat(change.contains(truth)).isTrue();
    assertThat(comparison.differences())
        .filteredOn(d -> d.point().equals(recommended.point()))
        .singleElement()
        .satisfies(d -> assertThat(d.certain() && d.asked().below0()).isTrue());
  }

  /** Only prompts that had no say in the choice decide: on the others the choice looks too good. */
  @Test
  void onlyHeldOutPromptsDecide() {
    Comparison comparison = Comparison.of(strong, weak);
    assertThat(comparison.recommended().change().n()).isEqualTo(12);
    assertThat(comparison.recommended().change().clusters()).isEqualTo(12);
  }

  @Test
  void theOtherWayRoundItIsNeverWorse() {
    Comparison comparison = Comparison.of(weak, strong);
    assertThat(comparison.recommended().fate())
        .isIn(Fate.BETTER, Fate.NOTHING_RECOMMENDED, Fate.NOT_CLEARLY_DIFFERENT);
    assertThat(comparison.differences().stream().filter(Difference::certain))
        .isNotEmpty()
        .allSatisfy(d -> assertThat(d.asked().mean()).isPositive());
  }

  @Test
  void withoutSharedPromptsMeansAreCompared() {
    RunFolder elsewhere =
        new SimulatedRun(1, 12, 1, 4, 0, STRONG.scales(), 1, 0.2, 4).write(folder.resolve("else"));
    Comparison comparison =
        Comparison.of(
            new SimulatedRun(1, 12, 1, 4, 0, STRONG.scales(), 1, 1.5, 5)
                .write(folder.resolve("first")),
            withOtherPrompts(elsewhere));
    assertThat(comparison.sharedPairs()).isZero();
    assertThat(comparison.differences())
        .isNotEmpty()
        .allSatisfy(d -> assertThat(d.corrected()).isNaN());
    assertThat(comparison.recommended().fate()).isEqualTo(Fate.WORSE);
    assertThat(comparison.recommended().change().n()).isEqualTo(6 + 12);
  }

  @Test
  void aSiteThatIsNotThereIsMissing() {
    RunFolder without = other(List.of(-5.0, 0.01), 1.5, 6).write(folder.resolve("without"));
    Comparison comparison = Comparison.of(strong, without);
    assertThat(comparison.recommended().fate()).isEqualTo(Fate.MISSING);
    assertThat(comparison.differences()).hasSize(8);
    assertThat(ComparisonPage.markdown(strong, without, comparison))
        .contains("has no score in the second run.")
        .contains("8 sites x scales are in both runs, 16 in the first only, 8 in the second only.");
  }

  @Test
  void nothingRecommendedCannotBecomeWorse() {
    RunFolder nothing = other(STRONG.scales(), 0, 7).write(folder.resolve("nothing"));
    Comparison comparison = Comparison.of(nothing, strong);
    assertThat(comparison.recommended().fate()).isEqualTo(Fate.NOTHING_RECOMMENDED);
    assertThat(ComparisonPage.markdown(nothing, strong, comparison))
        .contains("The first run recommends nothing, so nothing can have become worse.");
  }

  @Test
  void thePageHasTheNumbers() {
    String page = ComparisonPage.markdown(strong, weak, Comparison.of(strong, weak));
    assertThat(page)
        .contains("| run | strong | weak |")
        .contains("is worse in the second run: change of the effect")
        .contains("Changes are over the 24 prompt pairs that both runs have")
        .contains("Effects are minus the random control.")
        .contains("## What differs in the settings\n\nNothing.")
        .doesNotContain("NaN");
    assertThat(page.lines().filter(line -> line.startsWith("| value layer"))).isNotEmpty();
  }

  private static RunFolder withOtherPrompts(RunFolder run) {
    for (String unit : run.finishedUnits(Stage.WRITE)) {
      Path file = run.completions().resolve(unit + ".parquet");
      List<GenericRecord> rows = new ArrayList<>();
      ParquetFiles.read(
          file,
          row -> {
            row.put("base_prompt", row.get("base_prompt") + " now");
            rows.add(GenericData.get().deepCopy(row.getSchema(), row));
          });
      ParquetFiles.write(file, CompletionRow.SCHEMA, rows, Map.of());
    }
    return run;
  }
}
