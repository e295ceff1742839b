package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportCsvCommandTest {
  private static final Path SAMPLE = Path.of("../analysis/src/test/resources/published/lunch.csv");

  @TempDir Path folder;

  private CommandRun run(Path file) {
    return CommandRun.of(
            "import-csv",
            file.toString(),
            "--base",
            "For lunch I had",
            "--steering",
            "I only eat plants",
            "--target-words",
            "beans,salad",
            "--out",
            folder.resolve("run").toString())
        .in(folder);
  }

  @Test
  void aPublishedFileBecomesARunWithAReport() {
    CommandRun run = run(SAMPLE);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out().lines())
        .contains(
            "run       TMP/run",
            "cells     19 of " + SAMPLE,
            "baseline  a stand-in: the most common text at the smallest multiplier, 1 (4 of 6 texts)",
            "note      1 of 18 texts do not start with the base prompt: taken whole",
            "No verdict on steering: published texts, scored without their model.",
            "report    TMP/run/report.html");
    assertThat(folder.resolve("run/report.html")).isRegularFile();
  }

  @Test
  void itsReportCanBeWrittenAgain() {
    run(SAMPLE);
    CommandRun again = CommandRun.of("report", folder.resolve("run").toString());
    assertThat(again.code()).isZero();
    assertThat(again.out()).contains("published texts");
  }

  @Test
  void faultsOfTheFileAreTheUsers() throws IOException {
    Path file = folder.resolve("bad.csv");
    Files.writeString(file, "multiplier,layer,type,text\n1,0,attn\nx,0,attn,a\n");
    CommandRun run = run(file);
    assertThat(run.code()).isEqualTo(Main.USER_ERROR);
    assertThat(run.err())
        .isEqualTo(
            """
            error: TMP/bad.csv: line 2: got 3 fields, expected 4
            error: TMP/bad.csv: line 3: multiplier: not a finite 32-bit number; got 'x', expected a number such as -5 or 2.5
            """);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void aFolderThatHoldsSomethingIsLeftAlone() {
    run(SAMPLE);
    CommandRun again = run(SAMPLE);
    assertThat(again.code()).isEqualTo(Main.USER_ERROR);
    assertThat(again.err())
        .isEqualTo("error: --out: got TMP/run, which holds something; expected a new folder\n");
  }
}
