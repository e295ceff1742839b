package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.plan.Stage;
import steersweep.result.RunFolder;

/** A sweep in three shards, merged. */
class ShardsTest {
  private static final String PLAN =
      """
      name: tiny
      concepts: [{name: vegan, base_prompts: [I ate, We cook], steering_prompts: I am vegan.}]
      grid: {hook_points: value, layers: all, settings: [-5, -1, 1, 5]}
      controls: {random: 1, prompted: true}
      generate: {new_tokens: 6, cells: all, stop_at_damage: never}
      """;

  private static final int SHARDS = 3;

  @TempDir static Path shared;
  private static Path model;
  private static Path plan;
  private static Path shards;

  @TempDir Path folder;

  @BeforeAll
  static void runShards() throws IOException {
    model = TestCheckpoint.write(shared.resolve("model"));
    plan = Files.writeString(shared.resolve("tiny.yaml"), PLAN);
    shards = shared.resolve("shards");
    for (int i = 1; i <= SHARDS; i++) {
      CommandRun run = sweep(shards, "--shard", i + "/" + SHARDS);
      assertThat(run.err()).isEmpty();
      assertThat(run.code()).isZero();
      assertThat(run.out())
          .contains("shard     " + i + "/3; when all are finished: steersweep merge");
    }
    assertThat(RunRows.runs(shards)).hasSize(SHARDS);
    assertThat(shards.resolve("latest")).doesNotExist();
  }

  @Test
  void mergedShardsHaveTheRowsOfTheWholeSweep() throws IOException {
    Path runs = folder.resolve("runs");
    assertThat(sweep(runs).code()).isZero();
    RunRows whole = RunRows.of(new RunFolder(runs.resolve("latest")));

    CommandRun merge = merge(folder.resolve("merged"), all());

    assertThat(merge.err()).isEmpty();
    assertThat(merge.code()).isZero();
    Path merged = folder.resolve("merged/latest").toRealPath();
    assertThat(merge.out())
        .startsWith("run       " + merged + "\nmerged    3 shards\n")
        .contains("report    " + merged.resolve("report.html"));
    assertThat(RunRows.of(new RunFolder(merged))).isEqualTo(whole);
    assertThat(merged.resolve("report.html")).isNotEmptyFile();
    assertThat(sweep(folder.resolve("merged")).out())
        .as("the merged run is the whole sweep's")
        .contains("complete  all ");
  }

  @Test
  void mergingAgainFinishesWhatWasBegunAndChangesNothingElse() throws IOException {
    Path runs = folder.resolve("merged");
    merge(runs, all());
    RunFolder merged = RunRows.runs(runs).get(0);
    RunRows rows = RunRows.of(merged);
    String unit = merged.finishedUnits(Stage.WRITE).iterator().next();
    Files.delete(merged.completions().resolve(unit + ".parquet"));

    assertThat(merge(runs, all()).code()).isZero();

    assertThat(RunRows.runs(runs)).hasSize(1);
    assertThat(RunRows.of(merged)).isEqualTo(rows);
  }

  @Test
  void whereTextsAreChosenShardsReadAndTheMergedRunIsContinued() throws IOException {
    Path best =
        Files.writeString(folder.resolve("best.yaml"), PLAN.replace("cells: all", "cells: best"));
    Path whole = folder.resolve("whole");
    assertThat(CommandRun.of(planned(best, whole)).code()).isZero();
    Path parts = folder.resolve("parts");
    for (int shard = 1; shard <= SHARDS; shard++) {
      CommandRun part = CommandRun.of(planned(best, parts, "--shard", shard + "/" + SHARDS));
      assertThat(part.code()).isZero();
      assertThat(part.out()).contains("then sweep --run with the merged run writes the texts");
    }
    List<Path> folders = RunRows.runs(parts).stream().map(RunFolder::path).toList();

    CommandRun merge = merge(folder.resolve("merged"), folders);

    RunFolder merged = new RunFolder(folder.resolve("merged/latest").toRealPath());
    assertThat(merge.code()).isZero();
    assertThat(merge.out())
        .contains("units are to be written: steersweep sweep --run " + merged.path());
    assertThat(merged.finishedUnits(Stage.WRITE)).isEmpty();
    CommandRun texts =
        CommandRun.of(planned(best, folder.resolve("merged"), "--run", merged.path().toString()));
    assertThat(texts.err()).isEmpty();
    assertThat(texts.code()).isZero();
    RunFolder undivided = new RunFolder(whole.resolve("latest").toRealPath());
    assertThat(RunRows.of(merged)).isEqualTo(RunRows.of(undivided));
    assertThat(merged.chosenFile()).hasBinaryContent(Files.readAllBytes(undivided.chosenFile()));
  }

  private static String[] planned(Path plan, Path runs, String... more) {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("sweep", "--model", model.toString(), "--conf", plan.toString()));
    args.addAll(List.of("--runs", runs.toString(), "--batch-size", "8", "--device", "cpu"));
    args.addAll(List.of("--unit-cells", "4"));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  @Test
  void aShardIsContinuedByTheSameCommandInItsOwnFolder() throws IOException {
    CommandRun again = sweep(shards, "--shard", "2/3");

    assertThat(again.code()).isZero();
    assertThat(again.out()).contains("complete  all ");
    assertThat(RunRows.runs(shards)).hasSize(SHARDS);
  }

  @Test
  void missingShardsAreNamed() throws IOException {
    CommandRun run = merge(folder.resolve("merged"), all().subList(1, 2));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "error: shard 1/3: missing; expected its run folder, which sweep --shard 1/3 makes\n"
                + "error: shard 3/3: missing; expected its run folder, which sweep --shard 3/3"
                + " makes\n");
    assertThat(folder.resolve("merged")).doesNotExist();
  }

  @Test
  void unfinishedShardsAreNamed() throws IOException {
    List<Path> copies = new ArrayList<>();
    for (Path shard : all()) {
      copies.add(FuzzFiles.copy(shard, folder.resolve(shard.getFileName())));
    }
    RunFolder second = new RunFolder(copies.get(1));
    int units = 2 * second.finishedUnits(Stage.WRITE).size();
    Files.delete(second.completions().resolve("unit-000001.parquet"));

    CommandRun run = merge(folder.resolve("merged"), copies);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "error: shard 2/3: not finished; 1 of %d units are missing in %s (write-unit-000001)\n"
                .formatted(units, copies.get(1)));
  }

  @Test
  void foreignRunsAndDoublesAreRefused() throws IOException {
    Path runs = folder.resolve("runs");
    sweep(runs);
    Path other = folder.resolve("other");
    CommandRun.of(args(other, "--shard", "1/3", "--unit-cells", "5"));
    List<Path> folders = new ArrayList<>(all());
    folders.add(all().get(0));
    folders.add(runs.resolve("latest"));
    folders.add(RunRows.runs(other).get(0).path());

    CommandRun run = merge(folder.resolve("merged"), folders);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains(all().get(0) + ": the same shard as " + all().get(0) + "; expected each once")
        .contains(runs.resolve("latest") + ": no shard; expected a run made with --shard")
        .contains(RunRows.runs(other).get(0).path() + ": of another sweep; got run key ");
  }

  @Test
  void wordsThatAreNoShardAreRefused() {
    CommandRun run = sweep(folder, "--shard", "4/3");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "error: --shard: got 4/3, expected I/N, with I from 1 to N and N at most 9999\n");
  }

  private static List<Path> all() throws IOException {
    return RunRows.runs(shards).stream().map(RunFolder::path).toList();
  }

  private static CommandRun merge(Path runs, List<Path> folders) {
    List<String> args = new ArrayList<>(List.of("merge", "--runs", runs.toString()));
    folders.forEach(shard -> args.add(shard.toString()));
    return CommandRun.of(args.toArray(String[]::new));
  }

  private static CommandRun sweep(Path runs, String... more) {
    List<String> args = new ArrayList<>(Arrays.asList(args(runs, more)));
    args.addAll(List.of("--unit-cells", "4"));
    return CommandRun.of(args.toArray(String[]::new));
  }

  private static String[] args(Path runs, String... more) {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("sweep", "--model", model.toString(), "--conf", plan.toString()));
    args.addAll(List.of("--runs", runs.toString(), "--batch-size", "8", "--device", "cpu"));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }
}
