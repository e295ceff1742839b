package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.CompletionRow;
import steersweep.result.ParquetFiles;
import steersweep.result.RunFolder;
import steersweep.result.RunLock;
import steersweep.result.ScoreRow;
import steersweep.result.UnitLog;

/** What a run that is there already may be used for, and what becomes of cells that fail. */
class ResumeRulesTest {
  private static final String PLAN =
      """
      name: tiny
      concepts:
        - name: vegan
          base_prompts: [I ate]
          steering_prompts: I am vegan.
          target_words: [beans, peas]
      grid:
        hook_points: [value, residual_post]
        layers: all
        heads: [all, each]
        settings: [-3, 3]
      generate:
        new_tokens: 6
        cells: all
        stop_at_damage: never
      """;

  /** A baseline and 8 sites x 2 scales. */
  private static final int CELLS = 17;

  private static final int UNITS = 4;

  @TempDir static Path shared;

  @TempDir Path folder;
  private Path model;
  private Path plan;
  private Path runs;
  private RunFolder run;

  @BeforeAll
  static void sweepOnce() throws IOException {
    TestCheckpoint.write(shared.resolve("model"));
    Files.writeString(shared.resolve("tiny.yaml"), PLAN);
    assertThat(sweepIn(shared).code()).isZero();
  }

  /** A model, a plan and a finished sweep of it, to be spoilt. */
  @BeforeEach
  void copyFinishedSweep() throws IOException {
    copy(shared, folder);
    model = folder.resolve("model");
    plan = folder.resolve("tiny.yaml");
    runs = folder.resolve("runs");
    assertThat(sweep().err()).isEmpty(); // another folder: the paths of the model are put right
    run = new RunFolder(runs.resolve("latest").toRealPath());
    assertThat(RunRows.runs(runs)).hasSize(1);
  }

  private static CommandRun sweepIn(Path folder, String... more) {
    List<String> args = new ArrayList<>(List.of("sweep"));
    args.addAll(List.of("--model", folder.resolve("model").toString()));
    args.addAll(List.of("--conf", folder.resolve("tiny.yaml").toString()));
    args.addAll(List.of("--runs", folder.resolve("runs").toString(), "--unit-cells", "5"));
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  private CommandRun sweep(String... more) {
    return sweepIn(folder, more);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.skip(1).toList()) {
        Files.copy(
            file,
            to.resolve(from.relativize(file)),
            LinkOption.NOFOLLOW_LINKS,
            StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private static Unit unit(int index) {
    return new Unit(Stage.WRITE, index, index * 5L, Math.min(index * 5L + 5, CELLS));
  }

  private void deleteUnit(int index) throws IOException {
    Files.delete(run.completionsFile(unit(index)));
    Files.delete(run.readingsFile(unit(index)));
    Files.delete(run.scoresFile(unit(index)));
  }

  /** Changes one row of a file, or takes it out where {@code column} is null. */
  private static void change(Path file, Schema schema, long cell, String column, Object value) {
    List<GenericRecord> rows = new ArrayList<>();
    ParquetFiles.read(
        file,
        row -> {
          GenericRecord copy = GenericData.get().deepCopy(schema, row);
          if (!copy.get("cell").equals(cell)) {
            rows.add(copy);
          } else if (column != null) {
            copy.put(column, value);
            rows.add(copy);
          }
        });
    ParquetFiles.write(file, schema, rows, ParquetFiles.verify(file).facts());
  }

  /** As if the cell, of the first unit, had failed. */
  private void fail(long cell) {
    Unit first = unit(0);
    change(run.completionsFile(first), CompletionRow.SCHEMA, cell, "status", "failed");
    change(run.scoresFile(first), ScoreRow.SCHEMA, cell, null, null);
    run.noteFailure(first, 1, "cell " + cell + ": no memory");
  }

  // ---- failed cells ----

  @Test
  void failedCellsAreRunAgainByRetryAndNothingElseIs() throws IOException {
    RunRows rows = RunRows.of(run);
    fail(2);
    change(run.completionsFile(unit(0)), CompletionRow.SCHEMA, 3, "text", "as it was");
    FileTime other = Files.getLastModifiedTime(run.completionsFile(unit(1)));

    CommandRun same = sweep();
    assertThat(same.code()).isEqualTo(3);
    assertThat(same.err())
        .isEqualTo(
            ("error: 1 cells failed: see status and message of the rows in %s and completions;"
                    + " steersweep retry %s runs them again\n")
                .formatted(run.readings(), run.path()));

    CommandRun retry = CommandRun.of("retry", run.path().toString());

    assertThat(retry.err()).isEmpty();
    assertThat(retry.code()).isZero();
    RunRows after = RunRows.of(run);
    assertThat(after.completions().get(3L)).containsEntry("text", "as it was");
    assertThat(after.completions().get(2L)).isEqualTo(rows.completions().get(2L));
    assertThat(after.scores().keySet()).isEqualTo(rows.scores().keySet());
    assertThat(run.failedUnits(Stage.WRITE)).isEmpty();
    assertThat(run.failures()).isEmptyDirectory();
    assertThat(Files.getLastModifiedTime(run.completionsFile(unit(1)))).isEqualTo(other);
  }

  @Test
  void aRetryThatWasKilledGoesOnWhereItWas() throws IOException {
    RunRows rows = RunRows.of(run);
    fail(2);
    run.reopen(unit(0)); // the first thing that retry does

    assertThat(sweep().code()).isZero();

    assertThat(RunRows.of(run).completions().keySet()).isEqualTo(rows.completions().keySet());
    assertThat(RunRows.of(run).completions().get(2L)).isEqualTo(rows.completions().get(2L));
    assertThat(run.failures()).isEmptyDirectory();
  }

  @Test
  void whatFailsAgainIsStillFailed() throws IOException {
    Files.writeString(plan, PLAN.replace("[-3, 3]", "[3, 3.0e38]"));
    assertThat(sweep().code()).isEqualTo(3);
    RunFolder failing = new RunFolder(runs.resolve("latest").toRealPath());
    RunRows rows = RunRows.of(failing);
    List<String> units = failing.failedUnits(Stage.WRITE);
    assertThat(units).isNotEmpty();

    assertThat(CommandRun.of("retry", failing.path().toString()).code()).isEqualTo(3);

    assertThat(RunRows.of(failing).completions().keySet()).isEqualTo(rows.completions().keySet());
    assertThat(failing.failedUnits(Stage.WRITE)).isEqualTo(units);
  }

  @Test
  void failFastEndsTheSweepAtTheFirst() throws IOException {
    Files.writeString(plan, PLAN.replace("[-3, 3]", "[3, 3.0e38]"));

    CommandRun stopped = sweep("--fail-fast", "--parallelism", "1");

    assertThat(stopped.code()).isEqualTo(3);
    assertThat(stopped.err())
        .matches("error: cell \\d+: the steered model's output is not finite\n");
    RunFolder failing = new RunFolder(runs.resolve("latest").toRealPath());
    int finished = failing.finishedUnits(Stage.SCREEN).size();
    assertThat(finished).isBetween(1, UNITS - 1);
    assertThat(stopped.out())
        .endsWith(
            "stopped   %d of 8 units are finished in %s; the same command continues\n"
                .formatted(finished, failing.path()));
    assertThat(sweep().code()).isEqualTo(3);
    assertThat(RunRows.of(failing).completions()).hasSize(CELLS);
  }

  // ---- files that are not what was written ----

  private void assertHealed(CommandRun again, RunRows rows, String... damaged) throws IOException {
    String wrong = "";
    for (String line : damaged) {
      wrong += "damaged   %s; set aside in %s, runs again\n".formatted(line, run.damaged());
    }
    assertThat(again.err()).isEqualTo(wrong);
    assertThat(again.code()).isZero();
    assertThat(RunRows.of(run)).isEqualTo(rows);
    assertThat(run.log().read().stream().filter(line -> line.event().equals(UnitLog.SET_ASIDE)))
        .extracting(UnitLog.Line::what)
        .containsExactly(
            Stream.of(damaged).map(d -> d.replaceFirst(": ", " ")).toArray(String[]::new));
    CommandRun complete = sweep();
    assertThat(complete.err()).isEmpty();
    assertThat(complete.out()).contains("\ncomplete  ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"completions", "readings", "scores"})
  void aDamagedFileIsSetAsideAndItsUnitRunsAgain(String table) throws IOException {
    RunRows rows = RunRows.of(run);
    Path file = run.path().resolve(table).resolve("unit-000001.parquet");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));

    CommandRun report = CommandRun.of("report", run.path().toString());
    assertThat(report.code()).isEqualTo(1);
    assertThat(report.err()).endsWith("; the same sweep or retry runs it again\n");

    CommandRun again = sweep();
    assertThat(again.err())
        .startsWith("damaged   " + stage(table) + "-unit-000001: " + file + ": cannot be read");
    assertHealed(
        again,
        rows,
        again.err().lines().findFirst().orElseThrow().replaceAll("^damaged   |; set aside.*", ""));
    assertThat(run.damaged().resolve(table + "-unit-000001.parquet")).hasSize(bytes.length / 2);
  }

  private static String stage(String table) {
    return table.equals("readings") ? "screen" : "write";
  }

  @Test
  void aFlippedBitOfARowIsSeen() throws IOException {
    RunRows rows = RunRows.of(run);
    Path file = run.scoresFile(unit(2));
    byte[] bytes = Files.readAllBytes(file);
    bytes[60] ^= 1; // of the first page
    Files.write(file, bytes);

    CommandRun again = CommandRun.of("retry", run.path().toString());

    assertThat(again.err()).startsWith("damaged   write-unit-000002: " + file);
    assertThat(again.code()).isZero();
    assertThat(RunRows.of(run)).isEqualTo(rows);
  }

  @Test
  void anotherUnitsFileIsNotThisUnits() throws IOException {
    RunRows rows = RunRows.of(run);
    Path file = run.completionsFile(unit(1));
    Files.copy(run.completionsFile(unit(0)), file, StandardCopyOption.REPLACE_EXISTING);

    CommandRun report = CommandRun.of("report", run.path().toString());
    assertThat(report.code()).isEqualTo(1);
    assertThat(report.err())
        .contains(file + ": cannot be read as Parquet: got rows of unit-000000");

    assertHealed(
        sweep(),
        rows,
        "write-unit-000001: " + file + ": got unit unit-000000, expected unit-000001");
  }

  @Test
  void anotherRunsFileIsNotThisRuns() throws IOException {
    RunRows rows = RunRows.of(run);
    Files.writeString(plan, PLAN.replace("I am vegan", "I eat meat"));
    assertThat(sweep().code()).isZero();
    RunFolder other = new RunFolder(runs.resolve("latest").toRealPath());
    Files.writeString(plan, PLAN);
    Path file = run.scoresFile(unit(3));
    Files.copy(other.scoresFile(unit(3)), file, StandardCopyOption.REPLACE_EXISTING);

    assertHealed(
        sweep(),
        rows,
        "write-unit-000003: %s: got run key %s, expected %s"
            .formatted(file, other.manifest().key(), run.manifest().key()));
  }

  @Test
  void aFileThatMissesARowIsNotTheUnits() throws IOException {
    RunRows rows = RunRows.of(run);
    Path file = run.completionsFile(unit(0));
    change(file, CompletionRow.SCHEMA, 3, null, null);

    assertHealed(sweep(), rows, "write-unit-000000: " + file + ": got 4 rows, expected 5");
  }

  @Test
  void aManifestThatCutsUnitsOtherwiseIsRefused() throws IOException {
    String text = Files.readString(run.manifestFile());
    Files.writeString(run.manifestFile(), text.replace("\"unitCells\" : 5", "\"unitCells\" : 4"));

    for (CommandRun refused : List.of(sweep(), CommandRun.of("retry", run.path().toString()))) {
      assertThat(refused.code()).isEqualTo(2);
      assertThat(refused.err())
          .isEqualTo(
              "error: %s: changed by hand, or of another version; got plan, model or unitCells that"
                      .formatted(run.manifestFile())
                  + " key "
                  + run.manifest().key()
                  + " is not of, expected them as they were written\n");
    }
  }

  // ---- the model ----

  @Test
  void whatEndsATextIsPartOfTheModel() throws IOException {
    deleteUnit(0);
    Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": 100}");

    CommandRun refused = sweep("--run", run.path().toString());

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("error: model.eosTokens: got [100], expected [2]\n");
    Files.writeString(model.resolve("generation_config.json"), "{\"top_p\": 0.5}");
    assertThat(sweep("--run", run.path().toString()).code()).isZero();
  }

  @Test
  void aDamagedGraphIsExportedAgain() throws IOException {
    RunRows rows = RunRows.of(run);
    byte[] graph = Files.readAllBytes(run.model().resolve("model.onnx"));
    Files.write(run.model().resolve("model.onnx"), Arrays.copyOf(graph, graph.length / 2));
    deleteUnit(0);

    assertThat(sweep().err()).isEmpty();

    assertThat(run.model().resolve("model.onnx")).hasBinaryContent(graph);
    assertThat(RunRows.of(run)).isEqualTo(rows);
  }

  @Test
  void aModelThatChangedUnderAnUnfinishedRunIsRefusedUntilItIsPutBack() throws IOException {
    RunRows rows = RunRows.of(run);
    deleteUnit(0);
    Path weights = model.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    byte[] changed = whole.clone();
    changed[whole.length - 2] ^= 0x40;
    Files.write(weights, changed);

    for (CommandRun refused :
        List.of(
            sweep(),
            sweep("--run", run.path().toString()),
            CommandRun.of("retry", run.path().toString()))) {
      assertThat(refused.code()).isEqualTo(2);
      assertThat(refused.out()).isEmpty();
      assertThat(refused.err().lines())
          .hasSize(3)
          .contains(
              "error: "
                  + run.path()
                  + ": begun differently; undo this to continue, or start a new run (--fresh)",
              "error: model.safetensors: other content");
    }
    assertThat(RunRows.runs(runs)).hasSize(1);

    Files.write(weights, whole);
    assertThat(sweep().code()).isZero();
    assertThat(RunRows.of(run)).isEqualTo(rows);
  }

  /** Whatever of its bytes it is: here one of the header, behind which the same weights lie. */
  @Test
  void nothingIsWrittenBeforeAChangedModelIsRefused() throws IOException {
    deleteUnit(0);
    Path manifest = run.model().resolve("model.manifest.json");
    byte[] begunWith = Files.readAllBytes(manifest);
    Path weights = model.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    byte[] longer = new byte[whole.length + 8];
    int header = 8 + ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
    System.arraycopy(whole, 0, longer, 0, header);
    Arrays.fill(longer, header, header + 8, (byte) ' ');
    System.arraycopy(whole, header, longer, header + 8, whole.length - header);
    ByteBuffer.wrap(longer).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header);
    Files.write(weights, longer);

    CommandRun refused = sweep();

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .contains("model.safetensors: %d bytes, were %d\n".formatted(longer.length, whole.length));
    assertThat(manifest).hasBinaryContent(begunWith);
    assertThat(run.completionsFile(unit(0))).doesNotExist();
  }

  @Test
  void aCheckpointThatMovedIsFoundByItsFingerprint() throws IOException {
    RunRows rows = RunRows.of(run);
    deleteUnit(1);
    Path moved = Files.move(model, folder.resolve("elsewhere"));

    CommandRun lost = CommandRun.of("retry", run.path().toString());
    assertThat(lost.code()).isEqualTo(2);
    assertThat(lost.err()).contains(model.toString());
    CommandRun found = CommandRun.of("retry", run.path().toString(), "--model", moved.toString());

    assertThat(found.err()).isEmpty();
    assertThat(found.code()).isZero();
    assertThat(RunRows.of(run)).isEqualTo(rows);
  }

  // ---- the folder ----

  @Test
  void whileAnotherHoldsTheFolderItIsLeftAlone() throws IOException {
    deleteUnit(0);
    try (RunLock held = RunLock.take(run.lockFile())) {
      CommandRun second = sweep();

      assertThat(second.code()).isEqualTo(1);
      assertThat(second.out()).isEmpty();
      assertThat(second.err())
          .matches("error: \\S+: in use by process \\d+ on \\S+ since \\S+Z\n")
          .contains(run.path().toString());
    }
    assertThat(sweep().code()).isZero();
  }

  @Test
  void twoSweepsThatBeginAtOnceAreOneRun() throws Exception {
    Files.writeString(plan, PLAN.replace("[-3, 3]", "[-2, 2]"));
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<CommandRun>> both = threads.invokeAll(List.of(() -> sweep(), () -> sweep()));
      List<Integer> codes = new ArrayList<>();
      for (Future<CommandRun> one : both) {
        codes.add(one.get().code());
        assertThat(one.get().err()).matches("(error: \\S+: in use by process \\d+ on .*\n)?");
      }
      assertThat(codes).contains(0).isSubsetOf(0, 1);
    } finally {
      threads.shutdown();
    }
    assertThat(RunRows.runs(runs)).hasSize(2); // with the one that was there
    assertThat(sweep().code()).isZero();
  }

  /** What a Flink cluster answers about a job whose client is gone. */
  private static HttpServer cluster(String job, String state) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    byte[] answer =
        "{\"jobs\": [{\"name\": \"%s\", \"state\": \"%s\"}]}"
            .formatted(job, state)
            .getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/jobs/overview",
        exchange -> {
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    return server;
  }

  @ParameterizedTest
  @ValueSource(strings = {"RUNNING", "FINISHED", "gone"})
  void aFolderWhoseJobMayStillRunOnAClusterIsLeftAlone(String state) throws IOException {
    deleteUnit(0);
    Path temporary = Files.createFile(run.scores().resolve(".unit-000000.parquet.1.x.tmp"));
    HttpServer server = cluster("steersweep " + run.path(), state);
    String address = "127.0.0.1:" + server.getAddress().getPort();
    Path note = run.path().resolve("cluster.json");
    Files.writeString(note, "{\"address\": \"" + address + "\"}");
    if (state.equals("gone")) {
      server.stop(0);
    }

    CommandRun sweep = sweep();

    server.stop(0);
    String error =
        switch (state) {
          case "RUNNING" ->
              "error: %s: in use by a job of Flink at %s; --runner flink --flink %s joins it\n"
                  .formatted(run.path(), address, address);
          case "gone" ->
              "error: %s: was given to Flink at %s, which does not answer; if it is gone, delete %s\n"
                  .formatted(run.path(), address, note);
          default -> "";
        };
    assertThat(sweep.err()).isEqualTo(error);
    assertThat(sweep.code()).isEqualTo(error.isEmpty() ? 0 : 1);
    assertThat(Files.exists(temporary)).isEqualTo(!error.isEmpty());
    assertThat(Files.exists(note)).isEqualTo(!error.isEmpty());
  }

  @Test
  void aLinkedFolderIsNotCleanedThrough() throws IOException {
    Path elsewhere = Files.move(run.scores(), folder.resolve("elsewhere"));
    Files.createSymbolicLink(run.scores(), elsewhere);
    Path notOurs = Files.createFile(elsewhere.resolve("notes.tmp"));

    assertThat(sweep().code()).isZero();

    assertThat(notOurs).exists();
  }

  @Test
  void aBatchSizeOfNothingIsDamage() throws IOException {
    deleteUnit(0);
    Files.writeString(run.path().resolve("batch-size.json"), "0");

    CommandRun sweep = sweep();

    assertThat(sweep.code()).isEqualTo(2);
    assertThat(sweep.err())
        .isEqualTo(
            "error: %s/batch-size.json: damaged; got 0, expected at least 1\n"
                .formatted(run.path()));
  }

  @Test
  void aDamagedLogitLensIsReadAgain() throws IOException {
    deleteUnit(0);
    Files.writeString(run.lensFile(), "{");

    assertThat(sweep().err()).isEmpty();
    assertThat(CommandRun.of("report", run.path().toString()).code()).isZero();
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamedOnceAndTheSameCommandContinues() throws IOException {
    RunRows rows = RunRows.of(run);
    deleteUnit(0);
    // a folder in the way of a unit's file: also root cannot write there
    Path inTheWay = Files.createDirectories(run.scoresFile(unit(0)).resolve("x"));

    CommandRun broken = sweep();

    assertThat(broken.code()).isEqualTo(1);
    assertThat(broken.err())
        .matches("error: \\S+unit-000000.parquet: cannot be written: [^\n]+\n")
        .contains(run.scores().toString());
    assertThat(broken.out()).endsWith("; the same command continues\n");

    Files.delete(inTheWay);
    Files.delete(inTheWay.getParent());
    assertThat(sweep().code()).isZero();
    assertThat(RunRows.of(run)).isEqualTo(rows);
    assertThat(Files.exists(run.stopFile())).isFalse();
  }

  @Test
  void aChangedPlanIsRefusedOnTheSameFolderWithTheDifference() throws IOException {
    Files.writeString(plan, PLAN.replace("[-3, 3]", "[-3, 4]"));

    CommandRun refused = sweep("--run", run.path().toString());

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .isEqualTo(
            """
            error: %s: begun differently; undo this to continue, or start a new run (--fresh)
            error: plan.settings: got [-3.0,4.0], expected [-3.0,3.0]
            """
                .formatted(run.path()));
  }

  // ---- extend ----

  @Test
  void extendTakesOverTheRowsOfTheEarlierRunAndRunsTheRest() throws IOException {
    String more =
        PLAN.replace("[-3, 3]", "[-5, -3, 3]").replace("[I ate]", "[We cook, I ate]")
            + "controls: {random: 1}\n";
    Files.writeString(plan, more);
    Path other = Files.createDirectory(folder.resolve("other"));
    copy(model, Files.createDirectory(other.resolve("model")));
    Files.writeString(other.resolve("tiny.yaml"), more);
    assertThat(sweepIn(other).code()).isZero();
    RunRows expected = RunRows.of(new RunFolder(other.resolve("runs/latest")));
    change(run.completionsFile(unit(0)), CompletionRow.SCHEMA, 1, "text", "taken over");
    RunRows before = RunRows.of(run);

    CommandRun extended = CommandRun.of("extend", run.path().toString(), "--conf", plan.toString());

    assertThat(extended.err()).isEmpty();
    assertThat(extended.code()).isZero();
    assertThat(RunRows.of(run)).isEqualTo(before);
    RunRows rows = RunRows.of(new RunFolder(runs.resolve("latest")));
    assertThat(rows.completions().keySet()).isEqualTo(expected.completions().keySet());
    assertThat(rows.scores().keySet()).isEqualTo(expected.scores().keySet());
    long taken = 0;
    for (long cell : rows.completions().keySet()) {
      boolean wasTaken = rows.completions().get(cell).get("text").equals("taken over");
      taken += wasTaken ? 1 : 0;
      if (!wasTaken) {
        assertSame(rows.completions().get(cell), expected.completions().get(cell));
      }
      assertSame(rows.scores().get(cell), expected.scores().get(cell));
    }
    assertThat(taken).isEqualTo(1);
    CommandRun again = CommandRun.of("extend", run.path().toString(), "--conf", plan.toString());
    assertThat(again.out()).contains("\ncomplete  ");
    assertThat(RunRows.runs(runs)).hasSize(2);
  }

  private static void assertSame(Map<String, Object> actual, Map<String, Object> expected) {
    expected.forEach(
        (column, value) -> {
          String as = "cell " + expected.get("cell") + " " + column;
          if (value instanceof Double number) {
            assertThat((Double) actual.get(column)).as(as).isCloseTo(number, within(1e-4));
          } else if (!column.equals("unit")) {
            assertThat(actual.get(column)).as(as).isEqualTo(value);
          }
        });
  }

  @Test
  void anExtensionMayNotChangeWhatEveryRowDependsOn() throws IOException {
    Files.writeString(plan, PLAN.replace("new_tokens: 6", "new_tokens: 7"));

    CommandRun refused = CommandRun.of("extend", run.path().toString(), "--conf", plan.toString());

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .isEqualTo(
            "error: "
                + plan
                + ": plan.newTokens: an extension may not change this; got 7, expected 6\n");
    assertThat(RunRows.runs(runs)).hasSize(1);
  }

  // ---- output ----

  @Test
  void jsonIsAllThatIsOnStandardOutput() throws IOException {
    deleteUnit(0);

    CommandRun run = sweep("--json");

    List<JsonNode> lines = new ArrayList<>();
    for (String line : run.out().lines().toList()) {
      lines.add(new ObjectMapper().readTree(line));
    }
    assertThat(lines.get(0).path("event").asText()).isEqualTo("launch");
    assertThat(lines.get(0).path("units_finished").asInt()).isEqualTo(2 * 3);
    assertThat(lines.get(1).path("event").asText()).isEqualTo("progress");
    JsonNode done = lines.get(lines.size() - 1);
    assertThat(done.path("event").asText()).isEqualTo("done");
    assertThat(done.path("success").asBoolean()).isTrue();
    assertThat(done.path("code").asInt()).isZero();
    assertThat(done.path("failed_cells").asInt(-1)).isZero();
    assertThat(Path.of(done.path("report").asText())).exists();
    assertThat(done.path("complete").asBoolean()).isTrue();
    assertThat(done.path("verdict")).isNotEmpty();
    JsonNode verdict = done.path("verdict").get(0);
    assertThat(verdict.path("concept").asText()).isNotBlank();
    assertThat(verdict.path("verdict").asText()).isNotBlank();
    assertThat(verdict.path("works").isBoolean()).isTrue();
    assertThat(verdict.has("hook_point")).isTrue();
    assertThat(run.err()).contains("report    ");
  }

  @Test
  void jsonSaysWhyNothingWasDone() throws IOException {
    for (CommandRun failed :
        List.of(
            CommandRun.of("sweep", "--json"),
            CommandRun.of("sweep", "--json", "--model", "nowhere", "--conf", plan.toString()))) {
      assertThat(failed.code()).isEqualTo(2);
      JsonNode done = new ObjectMapper().readTree(failed.out());
      assertThat(done.path("success").asBoolean(true)).isFalse();
      assertThat(done.path("code").asInt()).isEqualTo(2);
      assertThat(done.path("message").asText()).isNotBlank();
      assertThat(failed.err()).isNotBlank();
    }
  }

  @Test
  void quietSaysOneLine() throws IOException {
    deleteUnit(0);

    CommandRun quiet = sweep("--quiet");

    assertThat(quiet.err()).isEmpty();
    assertThat(quiet.out()).matches("done      17 cells, 0 failed, \\d+ s: \\S+report.html\n");
  }
}
