package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Makefile and bin/steersweep, in a checkout that has nothing but them and its name. */
class ScriptsTest {
  @TempDir Path folder;
  private Path checkout;

  private record Ended(int code, String out, String err) {}

  @BeforeEach
  void copyScripts() throws Exception {
    checkout = Files.createDirectories(folder.resolve("a checkout"));
    Files.createDirectories(checkout.resolve("bin"));
    for (String module : List.of("core", "onnx-export", "pipeline", "analysis", "bench/src")) {
      Files.createDirectories(checkout.resolve(module));
    }
    Files.createDirectories(checkout.resolve("cli/target"));
    Files.createFile(checkout.resolve("cli/target/.built-cpu"));
  }

  private void script(Path file, String text) throws Exception {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/usr/bin/env bash\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Ended run(Path in, Map<String, String> environment, String... command) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    // make test ARGS=... hands its variables on to every process below it
    builder.environment().keySet().retainAll(Set.of("PATH", "HOME", "JAVA_HOME", "TMPDIR"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** Shows what it was given, one argument a line, and ends with a code. */
  private Ended make(int code, String... arguments) throws Exception {
    Files.copy(Path.of("../Makefile"), checkout.resolve("Makefile"));
    script(checkout.resolve("bin/steersweep"), "printf '%s\\n' \"$@\"; exit " + code);
    String[] command = new String[arguments.length + 2];
    command[0] = "make";
    command[1] = "GPU=0";
    System.arraycopy(arguments, 0, command, 2, arguments.length);
    return run(checkout, Map.of(), command);
  }

  @Test
  void pathsMayHaveSpacesAndQuotes() throws Exception {
    Ended ended =
        make(0, "sweep", "MODEL=/my models/it's", "CONF=a plan.yaml", "ARGS=--fresh --quiet");

    assertThat(ended.out().lines())
        .containsExactly(
            "sweep",
            "--model",
            "/my models/it's",
            "--conf",
            "a plan.yaml",
            "--runner",
            "direct",
            "--fresh",
            "--quiet");
  }

  @Test
  void aPathIsNeverACommand() throws Exception {
    String toMake = "$(shell touch made)";
    String toShell = "\"; touch made; $(touch made) `touch made`";

    Ended ended = make(0, "plan", "MODEL=" + toMake, "CONF=" + toShell);

    assertThat(ended.out().lines()).containsExactly("plan", "--model", toMake, "--conf", toShell);
    assertThat(checkout.resolve("made")).doesNotExist();
  }

  @Test
  void makeSaysWhichCodeItWas() throws Exception {
    Ended ended = make(3, "sweep");

    assertThat(ended.err()).startsWith("exit code of steersweep: 3\n");
    assertThat(ended.code()).isEqualTo(2); // all that make knows
  }

  private Ended audit(String... jars) throws Exception {
    Path libraries = Files.createDirectories(folder.resolve("lib of " + jars.length));
    for (String jar : jars) {
      Files.createFile(libraries.resolve(jar));
    }
    return run(Path.of("..").toAbsolutePath(), Map.of(), "audit/audit.sh", libraries.toString());
  }

  @Test
  void theAuditNamesAJarWithAKnownAdvisory() throws Exception {
    Ended old = audit("snappy-java-1.1.10.3.jar", "snappy-java-1.1.10.12.jar", "unknown-1.jar");
    Ended none = audit("snappy-java-1.1.10.4.jar");

    assertThat(old.out())
        .startsWith(
            "snappy-java-1.1.10.3.jar: CVE-2023-43642; got 1.1.10.3, expected at least 1.1.10.4\n3"
                + " jars, advisories as of ");
    assertThat(old.code()).isEqualTo(1);
    assertThat(none.out()).startsWith("1 jars, advisories as of ");
    assertThat(none.code()).isZero();
  }

  private Ended command(String makefile, Path start) throws Exception {
    Files.copy(Path.of("../bin/steersweep"), checkout.resolve("bin/steersweep"));
    Files.writeString(checkout.resolve("Makefile"), makefile);
    script(folder.resolve("path/java"), "echo \"$LC_ALL\"; printf '%s\\n' \"$@\"");
    return run(
        folder,
        Map.of("PATH", folder.resolve("path") + ":" + System.getenv("PATH"), "LC_ALL", "POSIX"),
        start.toString(),
        "plan",
        "--model",
        "a b");
  }

  @Test
  void theCommandWorksThroughALinkAndInAnyLocale() throws Exception {
    Path link =
        Files.createSymbolicLink(folder.resolve("steersweep"), checkout.resolve("bin/steersweep"));

    Ended ended = command("build:\n\t@true\n", link);

    assertThat(ended.err()).isEmpty();
    assertThat(ended.out())
        .startsWith("C.UTF-8\n")
        .contains("\n" + checkout + "/cli/target/steersweep-cli-0.1.0.jar\n")
        .endsWith("\nplan\n--model\na b\n");
  }

  @Test
  void aBuildThatFailsIsNotTheUsersInput() throws Exception {
    Ended ended = command("build:\n\t@exit 7\n", checkout.resolve("bin/steersweep"));

    assertThat(ended.out()).isEmpty();
    assertThat(ended.code()).isEqualTo(1);
  }
}
