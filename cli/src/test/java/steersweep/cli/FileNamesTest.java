package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.result.RunFolder;

/**
 * Files and folders whose names are not ASCII. Which of them Java can name depends on the locale
 * that it was started in, so each command has a process of its own, and a shell makes the files.
 */
class FileNamesTest {
  /** A letter of two bytes, one of three, and one beyond U+FFFF. */
  private static final String NAME = "é€🌱";

  private static final String IN_THE_SHELL = "$'\\xc3\\xa9\\xe2\\x82\\xac\\xf0\\x9f\\x8c\\xb1'";

  private static final String PLAN =
      """
      name: tiny
      concepts:
        - name: vegan
          base_prompts: [I ate]
          steering_prompts: I am vegan.
      grid:
        hook_points: [value]
        layers: all
        settings: [3]
      generate:
        new_tokens: 2
        cells: all
      """;

  @TempDir Path folder;

  private record Ended(int code, String out, String err) {}

  @BeforeEach
  void writeFiles() throws Exception {
    TestCheckpoint.write(folder.resolve("model"));
    Files.writeString(folder.resolve("plan.yaml"), PLAN);
  }

  /** Runs a line of bash in which {@code N} is the name and {@code steersweep} the command. */
  private Ended run(String locale, String line) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    String command =
        "set -e; N=%s; steersweep() { \"$JAVA\" -XX:TieredStopAtLevel=1 %s \"$@\"; }; %s"
            .formatted(IN_THE_SHELL, Main.class.getName(), line);
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", command).directory(folder.toFile());
    builder.environment().put("JAVA", System.getProperty("java.home") + "/bin/java");
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    builder.environment().put("LC_ALL", locale);
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private static List<String> errors(Ended ended) {
    return ended.err().lines().filter(line -> line.contains("rror")).toList();
  }

  @Test
  void aSweepWorksWithAnyCharactersInEveryName() throws Exception {
    Ended ended =
        run(
            "C.UTF-8",
            """
            mv model "model $N"
            mv "model $N/model.safetensors" "model $N/w$N.safetensors"
            ln -s "w$N.safetensors" "model $N/model.safetensors"
            mv plan.yaml "plan $N.yaml"
            steersweep sweep --model "model $N" --conf "plan $N.yaml" --runs "runs $N"
            test -s "runs $N/latest/report.html"
            """);

    assertThat(errors(ended)).isEmpty();
    assertThat(ended.code()).isZero();
    assertThat(ended.out()).contains("run       runs " + NAME + "/");
  }

  @Test
  void convertedWeightsMayLieInACacheOfAnyName() throws Exception {
    Ended ended =
        run(
            "C.UTF-8",
            """
            steersweep sweep --model model --dtype float16 --conf plan.yaml --cache "cache $N"
            ls "cache $N"
            """);

    assertThat(errors(ended)).isEmpty();
    assertThat(ended.code()).isZero();
    assertThat(ended.out()).containsPattern("f16\\.safetensors");
  }

  @Test
  void aNameThatTheLocaleCannotWriteIsRefusedInOneMessage() throws Exception {
    Ended option = run("POSIX", "steersweep plan --model \"model $N\" --conf plan.yaml");
    Ended parameter = run("POSIX", "steersweep inspect \"model $N\"");

    Ended inThePlan =
        run(
            "POSIX",
            "sed -i 's/steering_prompts.*/pairs: é.jsonl/' plan.yaml\n"
                + "steersweep plan --model model --conf plan.yaml");

    for (Ended ended : List.of(option, parameter, inThePlan)) {
      assertThat(ended.err().lines().findFirst().orElseThrow())
          .contains(": not a file's name in this locale, whose characters are ANSI_X3.4-1968; got")
          .endsWith("expected to be started with LC_ALL=C.UTF-8");
      assertThat(ended.err()).doesNotContain("Exception");
      assertThat(ended.code()).isEqualTo(2);
    }
  }

  @Test
  void aPlansNameIsBoundedAsAFoldersIs() throws Exception {
    Files.writeString(
        folder.resolve("plan.yaml"), PLAN.replace("name: tiny", "name: " + "a".repeat(300)));
    String[] sweep = {
      "sweep",
      "--model",
      folder.resolve("model").toString(),
      "--conf",
      folder.resolve("plan.yaml").toString(),
      "--runs",
      folder.resolve("runs").toString()
    };

    CommandRun tooLong = CommandRun.of(sweep);
    Files.writeString(
        folder.resolve("plan.yaml"), PLAN.replace("name: tiny", "name: " + "a".repeat(100)));
    CommandRun longest = CommandRun.of(sweep);

    assertThat(tooLong.err())
        .startsWith("error: " + folder.resolve("plan.yaml") + ": name: not a name; got 'aaa")
        .endsWith(
            "', expected at most 100 lower-case letters, digits and hyphens, such as my-sweep\n");
    assertThat(tooLong.code()).isEqualTo(2);
    assertThat(longest.err()).isEmpty();
    assertThat(longest.code()).isZero();
  }

  @Test
  void aFolderCalledLatestIsNotWrittenTo() throws Exception {
    Path latest = Files.createDirectories(folder.resolve("runs/latest"));
    Files.writeString(latest.resolve("mine"), "mine");

    CommandRun sweep =
        CommandRun.of(
                "sweep",
                "--model",
                folder.resolve("model").toString(),
                "--conf",
                folder.resolve("plan.yaml").toString(),
                "--runs",
                folder.resolve("runs").toString())
            .in(folder);

    assertThat(sweep.err())
        .isEqualTo(
            "error: TMP/runs/latest: got a folder, expected nothing, or the link to the latest run:"
                + " move it elsewhere\n");
    assertThat(sweep.code()).isEqualTo(2);
    assertThat(RunRows.runs(folder.resolve("runs")))
        .extracting(RunFolder::path)
        .containsExactly(latest);
    assertThat(latest.resolve("mine")).hasContent("mine");
  }
}
