package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.result.Json;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;

class PruneCommandTest {
  @TempDir static Path shared;
  private static FuzzFiles files;

  @TempDir Path runs;
  private Path old;
  private Path unfinished;
  private Path recent;
  private Path newest;

  @BeforeEach
  void makeRuns() throws IOException {
    if (files == null) {
      files = FuzzFiles.make(shared);
    }
    old = run("a-old", 40);
    unfinished = run("b-unfinished", 30);
    Files.delete(new RunFolder(unfinished).completions().resolve("unit-000000.parquet"));
    recent = run("c-recent", 3);
    newest = run("d-newest", 1);
    Files.createSymbolicLink(runs.resolve("latest"), Path.of("d-newest"));
    Files.createDirectories(runs.resolve("not-a-run")); // of somebody else
  }

  private Path run(String name, int daysAgo) throws IOException {
    RunFolder run = files.copyOfRun(runs.resolve(name));
    RunManifest manifest = run.manifest();
    Instant created = Instant.now().minus(Duration.ofDays(daysAgo)).truncatedTo(ChronoUnit.SECONDS);
    String text = Json.text(manifest).replace(manifest.created(), created.toString());
    Files.writeString(run.manifestFile(), text);
    return run.path();
  }

  @Test
  void withoutDeleteItOnlyShows() {
    CommandRun run = prune("--keep", "0");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("would delete  TMP/c-recent, begun ")
        .contains("would delete  TMP/a-old, begun ")
        .contains("kept          TMP/d-newest, the latest\n")
        .contains("kept          TMP/b-unfinished, unfinished: 1 units left\n")
        .contains("would delete 2 of 4 runs, ")
        .endsWith("B; --delete does it\n");
    assertThat(left()).hasSize(4);
  }

  @Test
  void theNewestAreKept() {
    assertThat(prune("--keep", "1", "--delete").out()).contains("deleting      TMP/a-old, begun ");

    assertThat(left()).containsExactly(unfinished, recent, newest);
    assertThat(runs.resolve("not-a-run")).exists();
  }

  @Test
  void theOldGo() {
    prune("--older-than", "2w", "--delete");

    assertThat(left()).containsExactly(unfinished, recent, newest);
  }

  @Test
  void bothTogetherDeleteWhatBothLeave() {
    prune("--older-than", "12h", "--keep", "2", "--delete");

    assertThat(left()).containsExactly(old, unfinished, recent, newest);
  }

  @Test
  void unfinishedAndLatestGoWhenAskedFor() {
    prune("--keep", "0", "--delete", "--unfinished", "--latest");

    assertThat(left()).isEmpty();
  }

  @Test
  void aLinkInARunIsDeletedAndNotFollowed() throws IOException {
    Path outside =
        Files.writeString(Files.createDirectories(shared.resolve("o")).resolve("f"), "x");
    Files.createSymbolicLink(old.resolve("link"), outside.getParent());

    prune("--older-than", "2w", "--delete");

    assertThat(old).doesNotExist();
    assertThat(outside).exists();
  }

  @Test
  void whatAKilledPruneLeftGoesNextTime() throws IOException {
    Path half = Files.createDirectories(runs.resolve(".pruned-x/completions"));

    assertThat(prune("--older-than", "99w").out())
        .startsWith("would delete  TMP/.pruned-x, left by an earlier prune\n");
    assertThat(half).exists();
    assertThat(prune("--older-than", "99w", "--delete").out())
        .startsWith("deleting      TMP/.pruned-x, left by an earlier prune\n");

    assertThat(half.getParent()).doesNotExist();
    assertThat(left()).hasSize(4);
  }

  @Test
  void namesThatWouldActOnATerminalAreShown() throws IOException {
    run("e-\u001b[2J", 50);

    assertThat(prune("--older-than", "2w").out())
        .contains("would delete  TMP/e-[U+001B][2J, begun ")
        .doesNotContain("\u001b");
  }

  @Test
  void faultsAreToldTogether() {
    CommandRun nothing = prune();
    CommandRun wrong = prune("--keep", "-1", "--older-than", "1y");

    assertThat(nothing.code()).isEqualTo(2);
    assertThat(nothing.err())
        .isEqualTo("error: prune: nothing chosen; expected --keep N, --older-than AGE or both\n");
    assertThat(wrong.err())
        .isEqualTo(
            "error: --keep: got -1, expected at least 0\n"
                + "error: --older-than: got 1y, expected an age such as 12h, 30d or 8w\n");
  }

  private CommandRun prune(String... more) {
    List<String> args = new ArrayList<>(List.of("prune", "--runs", runs.toString()));
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new)).in(runs);
  }

  private List<Path> left() {
    List<Path> left = new ArrayList<>();
    for (Path run : List.of(old, unfinished, recent, newest)) {
      if (Files.exists(run)) {
        left.add(run);
      }
    }
    return left;
  }
}
