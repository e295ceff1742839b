package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
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

  /** A jar with the files that are given as name and content, by turns. */
  private Path jar(String name, String... files) throws Exception {
    Path jar = Files.createDirectories(folder.resolve("lib")).resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (int i = 0; i < files.length; i += 2) {
        zip.putNextEntry(new ZipEntry(files[i]));
        zip.write(files[i + 1].getBytes(StandardCharsets.UTF_8));
      }
      if (files.length == 0) {
        zip.putNextEntry(new ZipEntry("A.class"));
      }
    }
    return jar;
  }

  private Ended audit(Path lists) throws Exception {
    return run(
        folder,
        Map.of(),
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        Path.of("../audit/Audit.java").toAbsolutePath().normalize().toString(),
        lists.toAbsolutePath().normalize().toString(),
        "lib");
  }

  @Test
  void theAuditNamesAJarWithAKnownAdvisory() throws Exception {
    Path old = jar("snappy-java-1.1.10.3.jar");
    jar("snappy-java-1.1.10.12.jar");
    jar("unknown-1.jar");

    Ended with = audit(Path.of("../audit"));
    Files.delete(old);
    Ended without = audit(Path.of("../audit"));

    assertThat(with.out())
        .startsWith(
            "snappy-java-1.1.10.3.jar: CVE-2023-43642; got 1.1.10.3, expected at least 1.1.10.4\n3"
                + " jars, 3 libraries in them, advisories as of 20");
    assertThat(with.code()).isEqualTo(1);
    assertThat(without.out()).startsWith("2 jars, 2 libraries in them, advisories as of 20");
    assertThat(without.code()).isZero();
  }

  /** What shading leaves: pom.properties, Netty's versions, Apache's NOTICE, jars. */
  @Test
  void theAuditLooksIntoJars() throws Exception {
    Path lists = Files.createDirectories(folder.resolve("lists"));
    Files.writeString(
        lists.resolve("advisories.tsv"),
        """
        # 2026-01-02
        guava\t-\t32.0.0\tA
        netty\t4.1.\t4.1.136\tB
        yaml\t-\t2.0\tC
        """);
    Files.writeString(lists.resolve("accepted.tsv"), "shaded-yaml-\tyaml\tnever read\n");
    jar(
        "vendored-1.0.jar",
        "META-INF/maven/com.google.guava/guava/pom.properties",
        "groupId=com.google.guava\nversion=31.1-jre\n",
        "META-INF/io.netty.versions.properties",
        "netty-common.version=4.1.110.Final\nnetty-common.repoStatus=clean\n");
    jar("shaded-yaml-1.jar", "META-INF/NOTICE", "It bundles\n- org.yaml:yaml:1.33\n");
    Path inner = jar("inner.jar", "META-INF/NOTICE", "- io.netty:netty-all:4.1.136.Final\n");
    try (ZipOutputStream zip =
        new ZipOutputStream(Files.newOutputStream(folder.resolve("lib/outer-2.jar")))) {
      zip.putNextEntry(new ZipEntry("parts/inner.jar"));
      zip.write(Files.readAllBytes(inner));
      zip.putNextEntry(new ZipEntry("META-INF/NOTICE.txt"));
      zip.write(
          "- com.google.guava:guava:32.1.2-jre\n - org.yaml:yaml:1.9\n"
              .getBytes(StandardCharsets.UTF_8));
    }
    Files.delete(inner);

    Ended ended = audit(lists);

    assertThat(ended.out().lines())
        .containsExactly(
            "outer-2.jar: yaml 1.9: C; got 1.9, expected at least 2.0",
            "shaded-yaml-1.jar: yaml 1.33: C; got 1.33, expected at least 2.0; accepted: never"
                + " read",
            "vendored-1.0.jar: guava 31.1-jre: A; got 31.1-jre, expected at least 32.0.0",
            "vendored-1.0.jar: netty 4.1.110.Final: B; got 4.1.110.Final, expected at least"
                + " 4.1.136",
            "3 jars, 9 libraries in them, advisories as of 2026-01-02");
    assertThat(ended.code()).isEqualTo(1);
  }

  /** The registry is a script. */
  @Test
  void basesOfImagesGetTheDigestsThatTheirTagsStandFor() throws Exception {
    Path file = Files.copy(Path.of("../Dockerfile"), folder.resolve("Dockerfile"));
    String digest = "sha256:" + "0123456789abcdef".repeat(4);
    script(folder.resolve("path/docker"), "[ \"${!#}\" != \"$GONE\" ] && echo " + digest);
    String path = folder.resolve("path") + ":" + System.getenv("PATH");
    String[] pin = {Path.of("../audit/pin-images.sh").toAbsolutePath().toString(), "Dockerfile"};

    Ended gone = run(folder, Map.of("PATH", path, "GONE", "flink:1.19.3-java17"), pin);
    assertThat(gone.code()).isNotZero();
    assertThat(file).hasSameTextualContentAs(Path.of("../Dockerfile"));

    Ended ended = run(folder, Map.of("PATH", path), pin);
    assertThat(ended.err()).contains("flink:1.19.3-java17: now " + digest + "\n");
    assertThat(Files.readString(file))
        .isEqualTo(
            Files.readString(Path.of("../Dockerfile"))
                .replaceAll("@sha256:[0-9a-f]{64}", "@" + digest));
    assertThat(Files.readAllLines(file).stream().filter(line -> line.startsWith("FROM ")))
        .hasSize(4)
        .allMatch(line -> line.contains("@" + digest) || line.startsWith("FROM build "));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .noneMatch(name -> name.startsWith("Dockerfile."));
    }
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
