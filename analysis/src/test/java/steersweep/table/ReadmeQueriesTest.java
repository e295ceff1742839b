package steersweep.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.report.Reports;

/**
 * What the README shows to do with the tables works. Python's part needs a Python with pandas,
 * pyarrow and Polars: {@code STEERSWEEP_PYTHON} names it.
 */
class ReadmeQueriesTest {
  private static final Pattern SQL = Pattern.compile("duckdb -c \"([^\"]+)\"");
  private static final Pattern PYTHON = Pattern.compile("(?s)```python\n(.*?)```");

  @TempDir Path folder;

  private void report() {
    SyntheticRun run = new SyntheticRun(folder);
    for (int i = 0; i < 24; i++) {
      PromptPair pair = run.pair("good", "base " + i, "steer");
      run.baseline(pair, Text.same("b", 0))
          .cell(
              pair,
              SyntheticRun.whole(HookPoint.RESIDUAL_POST, 3),
              2,
              Text.changed("t", 0.5 + 0.01 * i));
    }
    Reports.write(run.write());
  }

  private List<String> examples(Pattern pattern) throws Exception {
    String page = Files.readString(Path.of("..", "README.md"));
    return pattern
        .matcher(page)
        .results()
        .map(MatchResult::group)
        .map(example -> pattern.matcher(example).replaceFirst("$1"))
        .map(example -> example.replace("runs/latest", folder.toString()))
        .toList();
  }

  @Test
  void sql() throws Exception {
    report();
    List<String> examples = examples(SQL);

    assertThat(examples).isNotEmpty();
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:")) {
      for (String example : examples) {
        try (ResultSet result = duckDb.createStatement().executeQuery(example)) {
          assertThat(result.next()).as(example).isTrue();
          assertThat(result.getString("concept")).isEqualTo("good");
          assertThat(result.getInt("layer")).isEqualTo(3);
        }
      }
    }
  }

  @Test
  void python() throws Exception {
    String python = System.getenv("STEERSWEEP_PYTHON");
    assumeTrue(python != null, "STEERSWEEP_PYTHON: no Python with pandas, pyarrow and Polars");
    report();
    List<String> examples = examples(PYTHON);

    assertThat(examples).hasSize(2);
    for (String example : examples) {
      Process process = new ProcessBuilder(python, "-c", example).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      assertThat(said).contains("good", "2.0", "0.6");
    }
  }
}
