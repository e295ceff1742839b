package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native libraries that cannot be unpacked or loaded, each in a process of its own. */
class NativesTest {
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
        scales: [3]
      generate:
        new_tokens: 2
      """;

  @TempDir Path folder;

  private record Ended(int code, String err) {}

  private Ended sweep(List<String> options, Map<String, String> environment) throws Exception {
    TestCheckpoint.write(folder.resolve("model"));
    Files.writeString(folder.resolve("plan.yaml"), PLAN);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.addAll(options);
    command.addAll(List.of(Main.class.getName(), "sweep", "--runs", folder + "/runs"));
    command.addAll(List.of("--model", folder + "/model", "--conf", folder + "/plan.yaml"));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Path err = folder.resolve("err");
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(err.toFile());
    int code = builder.start().waitFor();
    return new Ended(code, Files.readString(err, StandardCharsets.UTF_8));
  }

  @Test
  void aRuntimeThatCannotBeLoadedIsOneMessage() throws Exception {
    Path broken = Files.createDirectory(folder.resolve("broken"));
    for (String library : List.of("libonnxruntime.so", "libonnxruntime4j_jni.so")) {
      Files.writeString(broken.resolve(library), "no library");
    }

    Ended ended = sweep(List.of("-Donnxruntime.native.path=" + broken), Map.of());

    // Java itself warns of such a file
    assertThat(ended.err().lines().filter(line -> !line.matches("OpenJDK.*|It's highly.*")))
        .singleElement()
        .asString()
        .startsWith("error: a native library cannot be loaded: ")
        .endsWith("XDG_CACHE_HOME=DIR names another");
    assertThat(ended.code()).isEqualTo(1);
  }

  @Test
  void nowhereToUnpackIsOneMessage() throws Exception {
    Ended ended =
        sweep(List.of("-Djava.io.tmpdir=/dev/null"), Map.of("XDG_CACHE_HOME", "/dev/null"));

    assertThat(ended.err())
        .matches("error: native libraries cannot be unpacked; got /dev/null/steersweep [^\n]+\n");
    assertThat(ended.code()).isEqualTo(1);
  }

  /** What is loaded for the first time then fails with a class that cannot be, not only with it. */
  @Test
  void aHeapThatIsTooSmallIsOneMessage() throws Exception {
    for (int mebibytes : new int[] {14, 16}) {
      Ended ended = sweep(List.of("-XX:+UseSerialGC", "-Xmx" + mebibytes + "m"), Map.of());

      assertThat(ended.err().lines().filter(line -> line.startsWith("error: ")))
          .as(ended.err())
          .singleElement()
          .asString()
          .matches("error: out of memory; got a heap of \\d+ MiB, expected more: JAVA_OPTS=-Xmx8g");
      assertThat(ended.err()).doesNotContain("\tat ");
      assertThat(ended.code()).isEqualTo(1);
    }
  }

  @Test
  void withoutACacheNothingIsTakenFromAFolderThatAnybodyCanName() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path planted = Files.createDirectories(temporary.resolve(".djl.ai/tokenizers"));

    Ended ended =
        sweep(
            List.of("-Djava.io.tmpdir=" + temporary, "-Duser.home=/dev/null"),
            Map.of("XDG_CACHE_HOME", "/dev/null", "HOME", "/dev/null"));

    assertThat(ended.err()).doesNotContain("error");
    assertThat(ended.code()).isZero();
    assertThat(planted).isEmptyDirectory();
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith("steersweep"));
    }
  }
}
