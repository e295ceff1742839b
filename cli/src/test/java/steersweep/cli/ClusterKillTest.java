package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.Factors;
import steersweep.result.RunFolder;
import steersweep.result.UnitLog;

/**
 * Sweeps on a real Flink cluster whose processes are killed with SIGKILL: {@code make kill-test}. A
 * table of what happened is left in {@code target/kill-tests.md}.
 */
@Tag("cluster")
class ClusterKillTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final Path JAR = HOME.resolve("flink/target/steersweep-flink-0.1.0.jar");
  private static final Path TABLE = Path.of("target", "kill-tests.md");
  private static final List<String> TASK_MANAGERS = List.of("taskmanager-1", "taskmanager-2");

  /** 3 prompt pairs, each with a baseline and 12 sites x 8 scales. */
  private static final String PLAN =
      """
      name: small
      concepts:
        - name: vegan
          base_prompts: [My favorite food is, For dinner I want, On Sunday we cooked]
          steering_prompts: I am vegan. I like animals.
          target_words: [beans, salad]
      grid:
        hook_points: [value, residual_post]
        layers: all
        heads: all
        settings: [-8, -5, -2, -1, 1, 2, 5, 8]
        positions: mean
      generate:
        new_tokens: 40
        cells: all
        stop_at_damage: never
        stop_at_eos: false
      """;

  /** 127.0.0.1, the same mapped into IPv6, and ::1, in the kernel's words. */
  private static final Set<String> LOOPBACK =
      Set.of("0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000");

  private static final int CELLS = 3 * (1 + 12 * 8);
  private static final int UNIT_CELLS = 4;
  private static final int UNITS = (CELLS + UNIT_CELLS - 1) / UNIT_CELLS;

  @TempDir static Path shared;
  private static Path plan;
  private static Path cluster;
  private static int port;
  private static RunRows undisturbed;

  @TempDir Path folder;

  @BeforeAll
  static void startAClusterAndRunUndisturbed() throws Exception {
    assertThat(JAR).as("'make build-flink' makes it").exists();
    plan = Files.writeString(shared.resolve("small.yaml"), PLAN);
    Path runs = shared.resolve("runs");
    String[] direct = args(runs);
    assertThat(CommandRun.of(direct).code()).isZero();
    undisturbed = RunRows.of(new RunFolder(runs.resolve("latest")));
    assertThat(undisturbed.completions()).hasSize(CELLS);
    assertThat(undisturbed.scores()).hasSize(CELLS);
    cluster = shared.toRealPath().resolve("cluster");
    port = freePorts();
    Files.writeString(
        TABLE,
        """
        | killed | when | units finished by then | half-written files | client's exit codes | units begun | finished | begun again after they were finished | rows that differ |
        |---|---|---|---|---|---|---|---|---|
        """);
  }

  @AfterAll
  static void stopTheCluster() throws Exception {
    if (cluster != null) {
      cluster("down");
      assertThat(Files.exists(cluster.resolve("jobmanager.pid"))).isFalse();
    }
  }

  @Test
  void rowsAreThoseOfTheDirectRunnerAndAModelIsOpenedOnceInAProcess() throws Exception {
    cluster("up");
    cluster("down"); // workers of another test's job have the model open
    cluster("up");
    List<Long> workers = TASK_MANAGERS.stream().map(ClusterKillTest::pid).toList();
    List<UnitLog.Line> opened = new ArrayList<>();
    for (int job = 0; job < 2; job++) {
      Path runs = folder.resolve("runs-" + job);
      Process client = client(runs);
      assertThat(client.waitFor(180, TimeUnit.SECONDS)).isTrue();
      assertThat(client.exitValue()).as(said(runs)).isZero();
      RunFolder run = latest(runs);
      assertThat(RunRows.of(run)).isEqualTo(undisturbed);
      // the client opens the model too, for the report
      List<UnitLog.Line> lines =
          run.log().read().stream().filter(line -> line.pid() != client.pid()).toList();
      assertThat(lines).allMatch(line -> workers.contains(line.pid()));
      assertThat(count(lines, UnitLog.STARTED)).isEqualTo(2 * UNITS);
      assertThat(count(lines, UnitLog.FINISHED)).isEqualTo(2 * UNITS);
      opened.addAll(lines.stream().filter(line -> line.event().equals(UnitLog.OPENED)).toList());
    }
    // one model, two jobs, two run folders
    assertThat(opened.stream().map(UnitLog.Line::pid)).isNotEmpty().doesNotHaveDuplicates();
    List<Long> all = new ArrayList<>(workers);
    all.add(pid("jobmanager"));
    assertThat(listening(all)).isNotEmpty().allMatch(LOOPBACK::contains);
  }

  /** Settings that are damages: workers solve for factors, the client puts these together. */
  @Test
  void factorsAndTheirRowsAreThoseOfTheDirectRunner() throws Exception {
    Path damages =
        Files.writeString(
            folder.resolve("damages.yaml"),
            PLAN.replace("[-8, -5, -2, -1, 1, 2, 5, 8]", "[-0.3, 0.1, 1]\n  dose: kl")
                .replace("  stop_at_damage: never\n", "")
                .replace("new_tokens: 40", "new_tokens: 12"));
    assertThat(CommandRun.of(args(folder.resolve("direct"), damages)).code()).isZero();
    RunFolder direct = latest(folder.resolve("direct"));
    cluster("up");
    Path runs = folder.resolve("flink/runs");

    Process client = client(runs, damages);

    assertThat(client.waitFor(300, TimeUnit.SECONDS)).as(said(runs)).isTrue();
    assertThat(client.exitValue()).as(said(runs)).isZero();
    RunFolder run = latest(runs);
    assertThat(Factors.of(run).solved()).isGreaterThan(Factors.of(run).outOfReach());
    assertThat(Factors.of(run).all()).containsExactlyInAnyOrderElementsOf(Factors.of(direct).all());
    assertThat(RunRows.of(run)).isEqualTo(RunRows.of(direct));
    List<UnitLog.Line> lines =
        run.log().read().stream().filter(line -> line.pid() != client.pid()).toList();
    assertThat(lines).extracting(UnitLog.Line::what).anyMatch(what -> what.startsWith("solve-"));
  }

  @ParameterizedTest
  @EnumSource(KillMoment.class)
  void aTaskManagerWithoutReplacement(KillMoment moment) throws Exception {
    cluster("up");
    Path runs = folder.resolve("runs");
    Process client = client(runs);
    long at = await(moment, runs, client);
    Killed killed = kill(runs, at, at);
    assertFinished(runs, client);
    write("a TaskManager, no replacement", moment, killed, runs, "0");
  }

  @ParameterizedTest
  @EnumSource(KillMoment.class)
  void allTaskManagersAndAReplacementForOne(KillMoment moment) throws Exception {
    cluster("up");
    Path runs = folder.resolve("runs");
    Process client = client(runs);
    long at = await(moment, runs, client);
    Killed killed = kill(runs, at, pid("taskmanager-1"), pid("taskmanager-2"));
    cluster("start", "taskmanager-1");
    assertFinished(runs, client);
    write("both TaskManagers, one replaced", moment, killed, runs, "0");
  }

  @ParameterizedTest
  @EnumSource(KillMoment.class)
  void theJobManager(KillMoment moment) throws Exception {
    cluster("up");
    Path runs = folder.resolve("runs");
    Process client = client(runs);
    long at = await(moment, runs, client);
    Killed killed = kill(runs, at, pid("jobmanager"));
    assertThat(client.waitFor(180, TimeUnit.SECONDS)).isTrue();
    assertThat(client.exitValue()).as(said(runs)).isEqualTo(Main.OUR_FAULT);
    assertThat(said(runs)).contains("the same command continues with what is left");
    cluster("up");
    assertFinished(runs, client(runs));
    write("the JobManager", moment, killed, runs, "1, 0");
  }

  @ParameterizedTest
  @EnumSource(KillMoment.class)
  void theClient(KillMoment moment) throws Exception {
    cluster("up");
    Path runs = folder.resolve("runs");
    Process client = client(runs);
    long at = await(moment, runs, client);
    Killed killed = kill(runs, at, client.pid());
    assertThat(client.waitFor()).isEqualTo(137);
    assertFinished(runs, client(runs));
    write("the client", moment, killed, runs, "137, 0");
  }

  @Test
  void theClientIsAskedToEnd() throws Exception {
    cluster("up");
    Path runs = folder.resolve("runs");
    Process client = client(runs);
    long at = await(KillMoment.FIRST_UNIT_READ, runs, client);
    client.destroy(); // SIGTERM
    assertThat(client.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(client.exitValue()).isEqualTo(143);
    assertThat(said(runs)).contains("the job goes on; the same command joins it");
    Process second = client(runs);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!said(runs).contains("joining the job that is under way")) {
      pause(second, runs, deadline);
    }
    KillMoment.resume(at);
    assertFinished(runs, second);
  }

  /** Waits for the client, then compares everything that is in the run folder. */
  private static void assertFinished(Path runs, Process client) throws Exception {
    assertThat(client.waitFor(180, TimeUnit.SECONDS)).as(said(runs)).isTrue();
    assertThat(client.exitValue()).as(said(runs)).isZero();
    assertThat(RunRows.runs(runs)).hasSize(1);
    RunFolder run = latest(runs);
    assertThat(RunRows.of(run)).isEqualTo(undisturbed);
    for (Stage stage : Stage.values()) {
      assertThat(run.failedUnits(stage)).isEmpty();
    }
    assertThat(begunAfterTheyWereFinished(run)).isEmpty();
    try (Stream<Path> files = Files.walk(run.path())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".") || name.endsWith(".tmp"));
    }
    CommandRun again = CommandRun.of(args(runs));
    assertThat(again.out()).contains("\ncomplete  all " + CELLS + " cells were run before");
  }

  /** Lines of units that were begun although their file was there, or finished a second time. */
  private static List<UnitLog.Line> begunAfterTheyWereFinished(RunFolder run) throws IOException {
    List<UnitLog.Line> again = new ArrayList<>();
    Map<String, List<UnitLog.Line>> ofUnits =
        run.log().read().stream().collect(Collectors.groupingBy(UnitLog.Line::what));
    for (Unit unit : units(run)) {
      Instant there = Files.getLastModifiedTime(run.file(unit)).toInstant();
      List<UnitLog.Line> lines = ofUnits.get(unit.name());
      lines.stream()
          .filter(line -> line.event().equals(UnitLog.STARTED) && line.time().isAfter(there))
          .forEach(again::add);
      lines.stream()
          .filter(line -> line.event().equals(UnitLog.FINISHED))
          .skip(1)
          .forEach(again::add);
    }
    return again;
  }

  /** The finished ones of both stages. */
  private static List<Unit> units(RunFolder run) {
    List<Unit> units = new ArrayList<>();
    for (Stage stage : Stage.values()) {
      Unit.cut(stage, CELLS, UNIT_CELLS).stream()
          .filter(unit -> Files.exists(run.file(unit)))
          .forEach(units::add);
    }
    return units;
  }

  private static void write(
      String who, KillMoment moment, Killed killed, Path runs, String exitCodes)
      throws IOException {
    RunFolder run = latest(runs);
    List<UnitLog.Line> lines = run.log().read();
    RunRows rows = RunRows.of(run);
    long differ =
        undisturbed.completions().keySet().stream()
            .filter(
                cell ->
                    !undisturbed.completions().get(cell).equals(rows.completions().get(cell))
                        || !undisturbed.scores().get(cell).equals(rows.scores().get(cell)))
            .count();
    String row =
        "| %s | %s | %d of %d | %d | %s | %d | %d | %d | %d of %d |\n"
            .formatted(
                who,
                moment.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                killed.finished(),
                2 * UNITS,
                killed.temporary(),
                exitCodes,
                count(lines, UnitLog.STARTED),
                units(run).size(),
                begunAfterTheyWereFinished(run).size(),
                differ,
                CELLS);
    Files.writeString(TABLE, row, StandardOpenOption.APPEND);
  }

  private static long count(List<UnitLog.Line> lines, String event) {
    return lines.stream().filter(line -> line.event().equals(event)).count();
  }

  /** Waits for the moment; the process that is at it. */
  private static long await(KillMoment moment, Path runs, Process client) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    List<Long> workers = TASK_MANAGERS.stream().map(ClusterKillTest::pid).toList();
    while (!Files.exists(runs.resolve("latest"))) {
      pause(client, runs, deadline);
    }
    Optional<Long> at = moment.reached(latest(runs), workers, UNITS);
    while (at.isEmpty()) {
      pause(client, runs, deadline);
      at = moment.reached(latest(runs), workers, UNITS);
    }
    return at.get();
  }

  private static void pause(Process client, Path runs, long deadline) throws Exception {
    assertThat(client.isAlive()).as(said(runs)).isTrue();
    assertThat(System.nanoTime()).as(said(runs)).isLessThan(deadline);
    Thread.sleep(1);
  }

  /**
   * @param finished units finished when processes were killed
   * @param temporary files of the worker at that moment that stood under temporary names
   */
  private record Killed(int finished, long temporary) {}

  /** Kills processes, lets the one that the moment was about go on, asserts that units are left. */
  private static Killed kill(Path runs, long at, long... pids) throws Exception {
    for (long pid : pids) {
      assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
    }
    RunFolder run = latest(runs);
    int finished = units(run).size(); // others go on
    for (long pid : pids) {
      Optional<ProcessHandle> process = ProcessHandle.of(pid);
      if (process.isPresent()) {
        process.get().onExit().get(10, TimeUnit.SECONDS);
      }
    }
    long temporary = KillMoment.temporaryFiles(run, at);
    KillMoment.resume(at);
    assertThat(finished).as("units finished at the kill").isLessThan(2 * UNITS);
    return new Killed(finished, temporary);
  }

  private static Process client(Path runs) throws IOException {
    return client(runs, plan);
  }

  private static Process client(Path runs, Path plan) throws IOException {
    Files.createDirectories(runs);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Dai.djl.offline=true"));
    command.addAll(List.of("-Djava.io.tmpdir=" + temporary(), "-jar", JAR.toString()));
    command.addAll(Arrays.asList(args(runs, plan)));
    command.addAll(List.of("--runner", "flink", "--flink", "127.0.0.1:" + port));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(runs.resolve("../said").toFile()));
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    return builder.start();
  }

  private static Path temporary() throws IOException {
    return Files.createDirectories(shared.resolve("temporary"));
  }

  private static String said(Path runs) throws IOException {
    return Files.readString(runs.resolve("../said"));
  }

  private static String[] args(Path runs) {
    return args(runs, plan);
  }

  private static String[] args(Path runs, Path plan) {
    return new String[] {
      "sweep",
      "--model",
      HOME.resolve("demo/model").toString(),
      "--conf",
      plan.toString(),
      "--runs",
      runs.toString(),
      "--unit-cells",
      Integer.toString(UNIT_CELLS),
      "--batch-size",
      "16"
    };
  }

  private static RunFolder latest(Path runs) throws IOException {
    return new RunFolder(runs.resolve("latest").toRealPath());
  }

  private static void cluster(String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of(HOME.resolve("bin/cluster").toString()));
    command.addAll(List.of(args));
    Path said = shared.resolve("cluster-said");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().put("CLUSTER", cluster.toString());
    builder.environment().put("FLINK_PORT", Integer.toString(port));
    builder.environment().put("HEAP", "512");
    int code = builder.start().waitFor();
    assertThat(code).as(Files.readString(said)).isZero();
  }

  private static long pid(String name) {
    try {
      return Long.parseLong(Files.readString(cluster.resolve(name + ".pid")).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A port that is free, as is the next. */
  private static int freePorts() throws IOException {
    while (true) {
      try (ServerSocket first = new ServerSocket(0);
          ServerSocket second = new ServerSocket(first.getLocalPort() + 1)) {
        return first.getLocalPort();
      } catch (BindException taken) {
        // another pair
      }
    }
  }

  /** Addresses that processes listen on, as the kernel's tables have them. */
  private static List<String> listening(List<Long> pids) throws IOException {
    Set<String> sockets = new HashSet<>();
    for (long pid : pids) {
      try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
        for (Path file : open.toList()) {
          sockets.add(target(file).replaceAll("\\D", ""));
        }
      }
    }
    List<String> addresses = new ArrayList<>();
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      for (String line : Files.readAllLines(Path.of(table))) {
        String[] words = line.strip().split(" +");
        if (words[3].equals("0A") && sockets.contains(words[9])) {
          addresses.add(words[1].substring(0, words[1].indexOf(':')));
        }
      }
    }
    return addresses;
  }

  private static String target(Path link) throws IOException {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (NoSuchFileException closedSince) {
      return "";
    }
  }
}
