package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SimulatedRun;
import steersweep.plan.ChoiceRule;
import steersweep.plan.Stage;
import steersweep.report.ComparisonPage;
import steersweep.result.CompletionRow;
import steersweep.result.ParquetFiles;
import steersweep.result.ReadingRow;
import steersweep.result.RunFolder;
import steersweep.score.Comparison.Difference;
import steersweep.score.Comparison.Fate;

/** Compared are simulated runs whose true effects are known. */
class ComparisonTest {
  private static final SimulatedRun STRONG = other(List.of(-5.0, 2.0, 5.0), 0.6, 1);

  @TempDir static Path folder;
  private static RunFolder strong;
  private static RunFolder again;
  private static RunFolder weak;

  @BeforeAll
  static void writeRuns() {
    strong = STRONG.write(folder.resolve("strong"));
    again = other(STRONG.settings(), 0.6, 2).write(folder.resolve("again"));
    weak = other(STRONG.settings(), 0.2, 3).write(folder.resolve("weak"));
  }

  private static SimulatedRun other(List<Double> settings, double effect, long seed) {
    return new SimulatedRun(2, 12, 1, 4, 0, settings, 1, effect, seed, ChoiceRule.BEST);
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
    assertThat(comparison.recommended())
        .hasSize(2)
        .allMatch(of -> of.fate() == Fate.NOT_CLEARLY_DIFFERENT);
    assertThat(comparison.worse()).isFalse();
  }

  @Test
  void theSameTruthWithOtherNoiseIsHardlyCertainlyDifferent() {
    Comparison comparison = Comparison.of(strong, again);
    assertThat(comparison.differences()).filteredOn(Difference::certain).isEmpty();
  }

  @Test
  void aRecommendedSiteThatSteersLessIsWorse() {
    Comparison comparison = Comparison.of(strong, weak);
    assertThat(comparison.controlled()).isTrue();
    assertThat(comparison.worse()).isTrue();
    Comparison.Recommended first = comparison.recommended().get(0);
    assertThat(first.fate()).isEqualTo(Fate.WORSE);
    SiteScore recommended = first.score();
    double truth = -2.0 / 3 * STRONG.truth(0, recommended.site(), recommended.setting());
    assertThat(first.change().mean()).isCloseTo(truth, within(0.15));
    assertThat(comparison.differences())
        .filteredOn(d -> d.point().equals(recommended.point()))
        .singleElement()
        .satisfies(d -> assertThat(d.asked().below0()).isTrue());
  }

  /** Only prompts that had no say in the choice decide: on the others the choice looks too good. */
  @Test
  void onlyHeldOutPromptsDecide() {
    Comparison comparison = Comparison.of(strong, weak);
    assertThat(comparison.recommended())
        .allMatch(of -> of.change().n() == 6 && of.change().clusters() == 6);
  }

  @Test
  void theOtherWayRoundItIsNeverWorse() {
    Comparison comparison = Comparison.of(weak, strong);
    assertThat(comparison.worse()).isFalse();
    assertThat(comparison.differences().stream().filter(Difference::certain))
        .isNotEmpty()
        .allSatisfy(d -> assertThat(d.asked().mean()).isPositive());
  }

  @Test
  void withoutSharedPromptsMeansAreCompared() {
    RunFolder elsewhere = other(STRONG.settings(), 0.1, 4).write(folder.resolve("else"));
    Comparison comparison = Comparison.of(strong, withOtherPrompts(elsewhere));
    assertThat(comparison.sharedPairs()).isZero();
    assertThat(comparison.differences())
        .isNotEmpty()
        .allSatisfy(d -> assertThat(d.corrected()).isNaN());
    assertThat(comparison.worse()).isTrue();
  }

  @Test
  void aSiteThatIsNotThereIsMissing() {
    RunFolder without = other(List.of(-5.0, 0.01), 0.6, 6).write(folder.resolve("without"));
    Comparison comparison = Comparison.of(strong, without);
    assertThat(comparison.recommended()).allMatch(of -> of.fate() == Fate.MISSING);
    assertThat(comparison.differences()).hasSize(8);
    assertThat(ComparisonPage.markdown(strong, without, comparison))
        .contains("has no reading in the second run.")
        .contains(
            "8 sites x settings are in both runs, 16 in the first only, 8 in the second only.");
  }

  @Test
  void nothingRecommendedCannotBecomeWorse() {
    RunFolder nothing = other(STRONG.settings(), 0, 7).write(folder.resolve("nothing"));
    Comparison comparison = Comparison.of(nothing, strong);
    assertThat(comparison.recommended()).allMatch(of -> of.fate() == Fate.NOTHING_RECOMMENDED);
    assertThat(ComparisonPage.markdown(nothing, strong, comparison))
        .contains("The first run recommends nothing, so nothing can have become worse.");
  }

  @Test
  void thePageHasTheNumbers() {
    String page = ComparisonPage.markdown(strong, weak, Comparison.of(strong, weak));
    assertThat(page)
        .contains("| run | strong | weak |")
        .contains("is worse in the second run: change of the pull")
        .contains("Changes are over the 24 prompt pairs that both runs have")
        .contains("Pulls are minus the random control.")
        .contains("## What differs in the settings\n\nNothing.")
        .doesNotContain("NaN");
    assertThat(page.lines().filter(line -> line.startsWith("| value layer"))).isNotEmpty();
  }

  @Test
  void whatDidNotChangeIsLeftOutAndChangesAreWhatTheColumnsShow() {
    assertThat(Comparison.of(strong, strong).largest()).isEmpty();
    assertThat(ComparisonPage.markdown(strong, strong, Comparison.of(strong, strong)))
        .contains("24 of them are as they were and are left out.");
    assertThat(Comparison.of(strong, weak).differences())
        .allSatisfy(
            d ->
                assertThat(d.pullAfter() - d.pullBefore())
                    .isCloseTo(d.change().mean(), within(1e-9)));
  }

  @Test
  void textsOfTheBestSitesStandSideBySide() {
    Comparison comparison = Comparison.of(strong, weak);
    assertThat(comparison.texts()).isNotEmpty();
    assertThat(comparison.texts())
        .allSatisfy(
            of -> {
              assertThat(comparison.recommended())
                  .anyMatch(
                      r ->
                          r.concept().equals(of.concept()) && r.score().point().equals(of.point()));
              assertThat(of.before()).isNotBlank();
              assertThat(of.after()).isNotBlank();
            });
    assertThat(ComparisonPage.html(strong, weak, comparison))
        .startsWith("<!doctype html>")
        .contains("<h3>Texts at the first run&#39;s best sites</h3>")
        .contains("is worse in the second run: change of the pull")
        .doesNotContain("NaN");
  }

  @Test
  void settingsOfAnotherKindAreNotTheSameSettings() throws Exception {
    RunFolder damages = other(STRONG.settings(), 0.6, 8).write(folder.resolve("damages"));
    String manifest = Files.readString(damages.manifestFile());
    assertThat(manifest).contains("\"dose\" : \"RAW\"");
    Files.writeString(
        damages.manifestFile(), manifest.replace("\"dose\" : \"RAW\"", "\"dose\" : \"KL\""));

    Comparison comparison = Comparison.of(strong, damages);

    assertThat(comparison.differences()).isEmpty();
    assertThat(comparison.recommended()).allMatch(of -> of.fate() == Fate.MISSING);
    assertThat(ComparisonPage.markdown(strong, damages, comparison))
        .contains("| settings are | factors | damages |")
        .contains("has no counterpart: the second run's settings are damages, not factors.")
        .contains("none of one is one of the other.");
  }

  private static RunFolder withOtherPrompts(RunFolder run) {
    for (String unit : run.finishedUnits(Stage.WRITE)) {
      rename(run.readings().resolve(unit + ".parquet"), ReadingRow.SCHEMA);
      rename(run.completions().resolve(unit + ".parquet"), CompletionRow.SCHEMA);
    }
    return run;
  }

  private static void rename(Path file, Schema schema) {
    List<GenericRecord> rows = new ArrayList<>();
    ParquetFiles.read(
        file,
        row -> {
          row.put("base_prompt", row.get("base_prompt") + " now");
          rows.add(GenericData.get().deepCopy(row.getSchema(), row));
        });
    ParquetFiles.write(file, schema, rows, Map.of());
  }
}
