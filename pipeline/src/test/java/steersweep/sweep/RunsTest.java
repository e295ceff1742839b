package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.error.UserError;
import steersweep.result.RunFolder;

class RunsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Path CHECKPOINT = Path.of("/models/tiny");

  @TempDir Path temporary;

  private Runs runs;

  @BeforeEach
  void nameTheRoot() {
    runs = new Runs(temporary.resolve("runs"));
  }

  private RunFolder existing(String name, String key) throws IOException {
    return TestRuns.run(runs.root().resolve(name), key);
  }

  // ---- key ----

  @Test
  void theKeyIsTheSameForTheSamePlanModelAndUnitSizeWhereverTheModelLies() {
    String key = Runs.key(TestRuns.plan(5.0), TestRuns.model("1", "f00d", CHECKPOINT), 64);

    assertThat(key)
        .matches("[0-9a-f]{16}")
        .isEqualTo(Runs.key(TestRuns.plan(5.0), TestRuns.model("1", "f00d", Path.of("/else")), 64));
  }

  @Test
  void theKeyChangesWithPlanWeightsExporterAndUnitSize() {
    List<String> keys =
        List.of(
            Runs.key(TestRuns.plan(5.0), TestRuns.model("1", "f00d", CHECKPOINT), 64),
            Runs.key(TestRuns.plan(5.5), TestRuns.model("1", "f00d", CHECKPOINT), 64),
            Runs.key(TestRuns.plan(5.0, 1.0), TestRuns.model("1", "f00d", CHECKPOINT), 64),
            Runs.key(TestRuns.plan(5.0), TestRuns.model("1", "beef", CHECKPOINT), 64),
            Runs.key(TestRuns.plan(5.0), TestRuns.model("2", "f00d", CHECKPOINT), 64),
            Runs.key(TestRuns.plan(5.0), TestRuns.model("1", "f00d", CHECKPOINT), 65));

    assertThat(keys).doesNotHaveDuplicates();
  }

  // ---- find ----

  @Test
  void theNewestRunWithTheKeyIsFound() throws IOException {
    existing("20260101-000000-demo", "k");
    RunFolder newest = existing("20260102-000000-demo", "k");
    existing("20260103-000000-demo", "other");
    runs.markLatest(newest);

    assertThat(runs.find("k", null)).contains(newest);
  }

  @Test
  void withoutSuchARunNothingIsFound() throws IOException {
    assertThat(runs.find("k", null)).isEqualTo(Optional.empty());
    existing("20260101-000000-demo", "other");
    assertThat(runs.find("k", null)).isEmpty();
  }

  @Test
  void whatIsNoRunOfOursIsPassedOver() throws IOException {
    RunFolder ours = existing("20260101-000000-demo", "k");
    Files.createDirectory(runs.root().resolve("empty"));
    Files.writeString(runs.root().resolve("notes.txt"), "k");
    for (String content : List.of("", "{", "[]", "{\"key\": \"k\"}", "{\"versions\": {}}")) {
      Path folder = Files.createDirectory(runs.root().resolve("x" + content.length()));
      Files.writeString(folder.resolve("manifest.json"), content);
    }

    assertThat(runs.find("k", null)).contains(ours);
  }

  // ---- create ----

  @Test
  void aNewRunIsNamedByUtcTimeAndPlanAndNotMadeYet() {
    RunFolder run = runs.create("demo", NOW);

    assertThat(run.path()).isEqualTo(runs.root().resolve("20260102-030405-demo"));
    assertThat(runs.root()).doesNotExist();
  }

  @Test
  void aNewRunNeverTakesAFolderThatIsThere() throws IOException {
    existing("20260102-030405-demo", "k");
    assertThat(runs.create("demo", NOW).path().getFileName()).hasToString("20260102-030405-demo-2");

    existing("20260102-030405-demo-2", "k");
    assertThat(runs.create("demo", NOW).path().getFileName()).hasToString("20260102-030405-demo-3");
  }

  // ---- latest ----

  @Test
  void latestPointsToTheRunMarkedLast() throws IOException {
    RunFolder first = existing("20260101-000000-demo", "k");
    RunFolder second = existing("20260102-000000-demo", "k");

    runs.markLatest(second);
    runs.markLatest(first);

    Path latest = runs.root().resolve("latest");
    assertThat(Files.readSymbolicLink(latest)).isEqualTo(Path.of("20260101-000000-demo"));
    assertThat(latest.toRealPath()).isEqualTo(first.path().toRealPath());
    assertThat(runs.root().resolve(".latest.tmp")).doesNotExist();
  }

  @Test
  void latestReplacesALinkWhoseRunIsGone() throws IOException {
    RunFolder run = existing("20260101-000000-demo", "k");
    Files.createSymbolicLink(runs.root().resolve("latest"), Path.of("gone"));

    runs.markLatest(run);

    assertThat(runs.root().resolve("latest").toRealPath()).isEqualTo(run.path().toRealPath());
  }

  @Test
  void whatElseIsCalledLatestIsLeftAloneAndNamed() throws IOException {
    RunFolder run = existing("20260101-000000-demo", "k");
    Path latest = Files.createDirectory(runs.root().resolve("latest"));
    String expected = ", expected nothing, or the link to the latest run: move it elsewhere";

    assertThatThrownBy(() -> runs.create("demo", NOW))
        .isInstanceOf(UserError.class)
        .hasMessage(latest + ": got a folder" + expected);
    assertThatThrownBy(() -> runs.markLatest(run)).isInstanceOf(UserError.class);
    assertThat(latest).isEmptyDirectory();
    Files.delete(latest);
    Files.writeString(latest, "mine");
    assertThatThrownBy(() -> runs.create("demo", NOW))
        .isInstanceOf(UserError.class)
        .hasMessage(latest + ": got a file" + expected);
    assertThatThrownBy(() -> runs.markLatest(run)).isInstanceOf(UserError.class);
    assertThat(latest).hasContent("mine");
  }
}
