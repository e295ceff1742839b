package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps ARCHITECTURE.md true, and the modules apart. */
class ArchitectureTest {
  private static final Path ROOT = Path.of("..");
  private static final List<String> MODULES =
      List.of("core", "onnx-export", "pipeline", "analysis", "cli");

  @Test
  void everyTypeAndPackageThatArchitectureNamesExists() throws IOException {
    Set<String> known = new TreeSet<>();
    for (Path file : sources(MODULES)) {
      known.add(file.getFileName().toString().replace(".java", ""));
      known.add(packageOf(file));
    }
    for (Path file : javaFiles(ROOT.resolve("cli/src/test/java"))) {
      known.add(file.getFileName().toString().replace(".java", ""));
    }
    Matcher quoted =
        Pattern.compile("`([A-Z][A-Za-z]+|steersweep\\.[a-z]+)`")
            .matcher(Files.readString(ROOT.resolve("ARCHITECTURE.md")));
    List<String> named = new ArrayList<>();
    while (quoted.find()) {
      named.add(quoted.group(1));
    }
    named.remove("Loop"); // an ONNX operator
    assertThat(named).hasSizeGreaterThan(30).allSatisfy(name -> assertThat(known).contains(name));
  }

  @Test
  void everyPackageStandsInArchitecture() throws IOException {
    String text = Files.readString(ROOT.resolve("ARCHITECTURE.md"));
    for (Path file : sources(MODULES)) {
      assertThat(text).contains("`" + packageOf(file) + "`");
    }
  }

  @Test
  void theModulesInTheMiddleDoNotKnowEachOther() throws IOException {
    Map<String, Set<String>> packages =
        Map.of(
            "onnx-export", Set.of("architecture", "checkpoint", "graph", "steerable"),
            "pipeline", Set.of("device", "engine", "sweep", "tokenizer"),
            "analysis", Set.of("score", "report"));
    for (String module : packages.keySet()) {
      Set<String> others =
          packages.entrySet().stream()
              .filter(other -> !other.getKey().equals(module))
              .flatMap(other -> other.getValue().stream())
              .collect(Collectors.toSet());
      assertNoImports(sources(List.of(module)), others);
    }
  }

  @Test
  void theEngineDoesNotKnowBeam() throws IOException {
    for (Path file : sources(List.of("pipeline"))) {
      if (packageOf(file).equals("steersweep.engine")) {
        assertThat(Files.readString(file)).as("%s", file).doesNotContain("org.apache.beam");
      }
    }
  }

  private static void assertNoImports(List<Path> files, Set<String> packages) throws IOException {
    for (Path file : files) {
      for (String name : packages) {
        assertThat(Files.readString(file))
            .as("%s", file)
            .doesNotContain("import steersweep." + name + ".");
      }
    }
  }

  private static String packageOf(Path file) {
    return "steersweep." + file.getName(file.getNameCount() - 2);
  }

  private static List<Path> sources(List<String> modules) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String module : modules) {
      files.addAll(javaFiles(ROOT.resolve(module).resolve("src/main/java")));
    }
    return files;
  }

  private static List<Path> javaFiles(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }
}
