package steersweep.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.error.Visible;
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.result.RunFolder;
import steersweep.score.Comparison;

/** Texts come from models and from files: nothing in them may become markup. */
class HostileTextsTest {
  @TempDir Path folder;

  private static final String SOURCE = "steersweep.report.HostileTextsTest#hostileTexts";

  static List<String> hostileTexts() {
    return List.of(
        "<script>alert(1)</script>",
        "</style></title></svg><img src=x onerror=alert(1)>",
        "\"onmouseover=alert(1) x=\"",
        "'><iframe src='https://example.org'></iframe>",
        "-->]]><!--",
        "{{body}}{{script}}$1\\",
        "=HYPERLINK(\"http://example.org\")",
        "a|b|c `code` **bold** [x](http://example.org) <b>\n\n# title",
        "</script><!--<script>\u2028alert(1)",
        "\u001b[31mred\u0000\u0007\u202Eabc");
  }

  @ParameterizedTest
  @MethodSource(SOURCE)
  void nothingGetsThrough(String hostile) throws Exception {
    RunFolder run = run(hostile);

    Verdict verdict = Reports.write(run);

    Document page = ReportsTest.page(run);
    assertThat(page.select("script:not([type])")).hasSize(1);
    assertThat(page.select("script[type=text/plain]")).hasSize(1);
    assertThat(page.getElementById("cells").data()).matches("[A-Za-z0-9+/=]+");
    assertThat(page.select("style")).hasSize(1);
    assertThat(page.select("img, iframe, b, a[href^=http]")).isEmpty();
    assertThat(page.select("main > section")).hasSize(11);
    String shown = Visible.text(hostile).trim();
    assertThat(page.selectFirst("h1").wholeText()).contains(shown);
    assertThat(page.select(".example dd").first().wholeText()).contains(shown);
    assertThat(page.select(".example blockquote").last().wholeText()).contains(shown);
    assertThat(page.select("#skipped").first().wholeText()).contains(shown);
    assertThat(page.select("#facts").first().wholeText()).contains(shown);
    assertThat(Files.readString(run.reportFile()))
        .doesNotContainPattern("[\\x00-\\x08\\x0b-\\x1f]");
    assertThat(verdict.lines()).noneMatch(line -> line.chars().anyMatch(c -> c < 32));
    try (var figures = Files.list(run.path().resolve("figures"))) {
      for (Path figure : figures.toList()) {
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(figure.toFile());
      }
    }
    checkSummary(Files.readString(run.summaryFile()));
  }

  @ParameterizedTest
  @MethodSource(SOURCE)
  void nothingGetsThroughIntoAComparison(String hostile) {
    RunFolder before = run("before", hostile);
    RunFolder after = run("after", hostile + hostile);

    String page = ComparisonPage.markdown(before, after, Comparison.of(before, after));

    checkSummary(page);
    assertThat(page).contains(Markdown.escape(hostile).substring(0, 3));
  }

  private static void checkSummary(String summary) {
    // What is left are the quotation marks of the warnings at the start of a line.
    assertThat(summary.replaceAll("(?m)^>", "")).doesNotContain("<", ">", "http:", "https:");
    assertThat(summary).doesNotContainPattern("(?<!\\\\)`");
    assertThat(summary).doesNotContainPattern("[\\x00-\\x08\\x0b-\\x1f]");
    int columns = 0;
    for (String line : summary.split("\n", -1)) {
      int cells = line.startsWith("|") ? line.replaceAll("\\\\.", "").split("\\|", -1).length : 0;
      if (columns > 0 && cells > 0) {
        assertThat(cells).as(line).isEqualTo(columns);
      }
      columns = cells;
    }
  }

  private RunFolder run(String hostile) {
    return run("run", hostile);
  }

  private RunFolder run(String name, String hostile) {
    return write(folder.resolve(name), hostile);
  }

  static RunFolder write(Path path, String hostile) {
    SyntheticRun run = new SyntheticRun(path).named("plan " + hostile);
    for (int i = 0; i < 4; i++) {
      PromptPair pair =
          run.pair("concept " + hostile, "base " + i + hostile, "steering " + hostile);
      run.baseline(pair, Text.same("baseline " + hostile, 0));
      run.prompted(pair, Text.changed("prompted " + hostile, 0.7));
      for (int head = -1; head < 2; head++) {
        run.cell(
            pair,
            new Site(HookPoint.VALUE, 0, head),
            2,
            Text.changed("text " + hostile, 0.5 + 0.01 * i));
      }
    }
    run.skipped(run.pair("s", "b", "s"), new Site(HookPoint.VALUE, 1, 0), 2, "guard " + hostile);
    run.failed(run.pair("c", "b", "s"), null, 0, "message " + hostile);
    return run.write();
  }
}
