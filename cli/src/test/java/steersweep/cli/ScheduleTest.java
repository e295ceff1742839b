package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import steersweep.result.RunFolder;

/** The examples in conf/schedule, run as cron, systemd and Slurm would run them. */
class ScheduleTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final Path SCHEDULE = HOME.resolve("conf/schedule");

  private static final String PLAN =
      """
      concepts: [{name: vegan, base_prompts: [I ate, We cook], steering_prompts: I am vegan.}]
      grid: {hook_points: value, layers: all, settings: [-5, 5]}
      generate: {new_tokens: 4, cells: all, stop_at_damage: never}
      """;

  /** Runs a job at once, as many times as its array has tasks; knows the options that are used. */
  private static final String SBATCH =
      """
      #!/usr/bin/env bash
      set -u
      while [ $# -gt 1 ]; do
        case $1 in
          --parsable) ;;
          --export=ALL) ;;
          --export=ALL,*) export "${1#--export=ALL,}" ;;
          --array=1-*) tasks=${1#--array=1-} ;;
          --dependency=afterany:41) ;;
          *) echo "unknown option $1" >&2; exit 1 ;;
        esac
        shift
      done
      for ((i = 1; i <= ${tasks:-1}; i++)); do
        [ "${LOST:-}" = "$i" ] && [ -n "${tasks:-}" ] && continue
        if [ -n "${tasks:-}" ]; then export SLURM_ARRAY_TASK_ID=$i SLURM_ARRAY_TASK_COUNT=$tasks; fi
        bash "$1" >>"$JOBS/$(basename "$1").log" 2>&1 || echo "exit code $?" >>"$JOBS/$(basename "$1").log"
      done
      [ -n "${tasks:-}" ] && echo "41;cluster" || echo 42
      """;

  @TempDir Path folder;
  private Path model;
  private Path plan;
  private Path runs;
  private Path steersweep;

  private record Ended(int code, String out, String err) {}

  @BeforeEach
  void prepare() throws IOException {
    model = TestCheckpoint.write(folder.resolve("model"));
    plan = Files.writeString(folder.resolve("tiny.yaml"), PLAN);
    runs = folder.resolve("runs");
    steersweep =
        script(
            "steersweep",
            """
            #!/usr/bin/env bash
            exec %s/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dai.djl.offline=true %s "$@"
            """
                .formatted(System.getProperty("java.home"), Main.class.getName()));
  }

  @Test
  void aNightIsOneLineAndTheNextOneHasNothingToDo() throws Exception {
    Ended first = nightly(Map.of());
    Ended second = nightly(Map.of("KEEP", "3"));

    Path report = runs.resolve("latest").toRealPath().resolve("report.html");
    for (Ended night : List.of(first, second)) {
      assertThat(night.err()).isEmpty();
      assertThat(night.out())
          .matches(
              "steersweep: %s done \\(exit code 0\\); report %s; log %s/logs/[-0-9]+-tiny.log\n"
                  .formatted(plan, report, runs));
      assertThat(night.code()).isZero();
    }
    assertThat(RunRows.runs(runs).stream().filter(run -> Files.exists(run.manifestFile())))
        .hasSize(1);
  }

  @Test
  void aNightWhoseInputIsRefusedSaysWhy() throws Exception {
    Files.writeString(plan, PLAN.replace("[-5, 5]", "[0]"));

    Ended night = nightly(Map.of());

    assertThat(night.code()).isEqualTo(2);
    assertThat(night.out().lines()).hasSize(1);
    assertThat(night.out()).contains("input refused: error: " + plan + ": grid.settings[0]: ");
  }

  @Test
  void whatTheCommandLineRefusesIsSaidToo() throws Exception {
    Files.writeString(
        steersweep, Files.readString(steersweep).replace("\"$@\"", "\"$@\" --nonsense"));

    Ended night = nightly(Map.of());

    assertThat(night.code()).isEqualTo(2);
    assertThat(night.out())
        .contains("input refused: error: Unknown option: '--nonsense' (exit code 2)");
  }

  @Test
  void aSecondOneAtTheSameTimeEndsAtOnce() throws Exception {
    Files.createDirectories(runs);
    Path lock = runs.resolve(".nightly.lock");
    // flock(1) and Java lock in different ways: hold it as the script does
    Process holder =
        new ProcessBuilder("flock", lock.toString(), "sh", "-c", "echo held; cat").start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("held");

      Ended night = nightly(Map.of());

      assertThat(night.code()).isEqualTo(75);
      assertThat(night.out())
          .isEqualTo("steersweep: %s not started, another one holds %s\n".formatted(plan, lock));
    } finally {
      holder.outputWriter().close();
      assertThat(holder.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void cronAndSystemdStartAScriptThatIsThere() throws IOException {
    String crontab = Files.readString(SCHEDULE.resolve("cron/steersweep.crontab"));
    String service = Files.readString(SCHEDULE.resolve("systemd/steersweep.service"));

    assertThat(crontab)
        .contains("\n30 1 * * * \"$STEERSWEEP_HOME/conf/schedule/cron/nightly.sh\"\n");
    assertThat(service).contains("\nExecStart=/opt/steersweep/conf/schedule/cron/nightly.sh\n");
    assertThat(SCHEDULE.resolve("cron/nightly.sh")).isExecutable();
  }

  @Test
  void slurmShardsAreMerged() throws Exception {
    Ended submitted = submit(Map.of());

    assertThat(submitted.err()).isEmpty();
    assertThat(submitted.out()).isEqualTo("steersweep: 3 shards in job 41, report in job 42\n");
    assertThat(log("merge.sbatch")).contains("merged    3 shards").doesNotContain("exit code");
    RunFolder merged = new RunFolder(runs.resolve("latest"));
    assertThat(RunRows.of(merged).completions()).hasSize((int) merged.manifest().cells());
  }

  @Test
  void aLostSlurmShardIsNamedAndTheSameAgainEndsWell() throws Exception {
    submit(Map.of("LOST", "2"));

    assertThat(log("merge.sbatch"))
        .contains("error: shard 2/3: missing; expected its run folder")
        .contains("exit code 2");
    assertThat(runs.resolve("latest")).doesNotExist();

    submit(Map.of());

    assertThat(log("merge.sbatch")).contains("merged    3 shards");
    assertThat(runs.resolve("latest/report.html")).isNotEmptyFile();
  }

  /** The container's arguments are those of the command of today. */
  @Test
  void manifestsUseOptionsThatThereAre() throws IOException {
    int found = 0;
    try (Stream<Path> files = Files.list(SCHEDULE.resolve("kubernetes"))) {
      for (Path file : files.toList()) {
        for (JsonNode manifest :
            new ObjectMapper(new YAMLFactory())
                .readerFor(JsonNode.class)
                .<JsonNode>readValues(file.toFile())
                .readAll()) {
          for (JsonNode args : manifest.findValues("args")) {
            List<String> words = new ArrayList<>();
            args.forEach(word -> words.add(word.asText()));
            new CommandLine(new Main()).parseArgs(words.toArray(String[]::new));
            found++;
          }
        }
      }
    }
    assertThat(found).isEqualTo(2);
  }

  private Ended nightly(Map<String, String> more) throws Exception {
    return run(SCHEDULE.resolve("cron/nightly.sh"), more);
  }

  private Ended submit(Map<String, String> more) throws Exception {
    Files.createDirectories(folder.resolve("jobs"));
    script("sbatch", SBATCH);
    return run(SCHEDULE.resolve("slurm/submit.sh"), more);
  }

  private String log(String job) throws IOException {
    return Files.readString(folder.resolve("jobs").resolve(job + ".log"));
  }

  private Path script(String name, String text) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path file = Files.writeString(bin.resolve(name), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Ended run(Path script, Map<String, String> more) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder("bash", script.toString())
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("CLASSPATH", System.getProperty("java.class.path"));
    environment.put("ORT_DISABLE_TELEMETRY", "1");
    environment.put("PATH", folder.resolve("bin") + ":" + environment.get("PATH"));
    environment.put("STEERSWEEP", steersweep.toString());
    environment.put("MODEL", model.toString());
    environment.put("CONF", plan.toString());
    environment.put("RUNS", runs.toString());
    environment.put("SHARDS", "3");
    environment.put("JOBS", folder.resolve("jobs").toString());
    environment.putAll(more);
    Process process = builder.start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
