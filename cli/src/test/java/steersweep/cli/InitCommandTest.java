package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.plan.PlanReader;
import steersweep.plan.SweepPlan;

/** A plan to begin with. */
class InitCommandTest {
  private static final Path CONF = Path.of("..", "conf");

  @TempDir Path folder;

  @BeforeEach
  void writeModel() throws IOException {
    TestCheckpoint.write(folder.resolve("model"));
  }

  @Test
  void theStarterIsWhatIsWrittenForJoyOnAShallowModel() throws IOException {
    CommandRun run = init("joy");

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(folder.resolve("my.yaml")).hasSameTextualContentAs(CONF.resolve("starter.yaml"));
    assertThat(run.out())
        .startsWith("wrote     TMP/my.yaml: joy, 32 prompt pairs, 4 sites, settings ")
        .endsWith("next      steersweep sweep --model TMP/model --conf TMP/my.yaml\n");
  }

  @Test
  void everyConceptInTheFolderIsOffered() throws IOException {
    try (Stream<Path> files = Files.list(CONF.resolve("concepts"))) {
      assertThat(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(file -> file.endsWith(".yaml"))
                  .map(file -> file.replace(".yaml", "")))
          .containsExactlyInAnyOrderElementsOf(Presets.CONCEPTS);
    }
    assertThat(CommandRun.of("init", "--help").out().replaceAll("\\s+", " "))
        .contains(String.join(", ", Presets.CONCEPTS));
  }

  @Test
  void severalConceptsMakeOnePlan() {
    init(String.join(",", Presets.CONCEPTS));

    SweepPlan plan = PlanReader.read(folder.resolve("my.yaml"));
    assertThat(plan.concepts()).extracting("name").isEqualTo(Presets.CONCEPTS);
    assertThat(plan.concepts()).allSatisfy(c -> assertThat(c.basePrompts()).hasSize(16));
  }

  @Test
  void deepModelsAreSampled() throws IOException {
    CommandRun.of(
        "init",
        "--model",
        CONF.resolve("models/llama-7b").toString(),
        "--concept",
        "paris",
        "--out",
        folder.resolve("my.yaml").toString());

    assertThat(folder.resolve("my.yaml"))
        .content()
        .contains("\n  layers: 2-31+2 # every second of 32; all: each of them\n");
    assertThat(PlanReader.read(folder.resolve("my.yaml")).layers().listed())
        .isEqualTo(List.of(2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30));
  }

  @Test
  void aWrittenPlanIsNotOverwritten() {
    init("joy");

    CommandRun run = init("war");

    assertThat(run.err())
        .isEqualTo("error: TMP/my.yaml: is there already; expected --out with another name\n");
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void unknownConceptsGetTheNearest() {
    CommandRun run = init("joi,joy,joy");

    assertThat(run.err())
        .startsWith(
            "error: --concept: no such concept here; got 'joi', did you mean 'joy'? (choices:")
        .endsWith("error: --concept: given twice; got joi, joy, joy\n");
    assertThat(run.code()).isEqualTo(2);
    assertThat(init().err())
        .startsWith("error: --concept: missing; expected one or more of (choices");
  }

  private CommandRun init(String... concept) {
    Stream<String> args =
        Stream.of(
            "init",
            "--model",
            folder.resolve("model").toString(),
            "--out",
            folder.resolve("my.yaml").toString());
    Stream<String> more = Stream.of(concept).flatMap(name -> Stream.of("--concept", name));
    return CommandRun.of(Stream.concat(args, more).toArray(String[]::new)).in(folder);
  }
}
