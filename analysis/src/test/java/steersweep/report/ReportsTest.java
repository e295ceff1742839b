package steersweep.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Attribute;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.DemoSizedRun;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.result.RunFolder;

class ReportsTest {
  /** A sweep where something works, and one where nothing does, with their reports. */
  @TempDir static Path demos;

  private static RunFolder demo;
  private static RunFolder nothing;
  private static Verdict ofDemo;
  private static Verdict ofNothing;

  @TempDir Path folder;

  @BeforeAll
  static void writeDemos() {
    demo = DemoSizedRun.write(demos.resolve("demo"), false);
    nothing = DemoSizedRun.write(demos.resolve("nothing"), true);
    ofDemo = Reports.write(demo);
    ofNothing = Reports.write(nothing);
  }

  @Test
  void aDemoSizedReportIsSmallAndLoadsNothing() throws Exception {
    String html = Files.readString(demo.reportFile());
    assertThat(html.length()).isLessThan(1_500_000);
    assertThat(html).doesNotContainPattern("(?i)(src|href|action)\\s*=\\s*[\"']?(https?:|//)");
    assertThat(html).doesNotContainPattern("(?i)url\\(\\s*[\"']?(?!#)");
    assertThat(html).doesNotContainIgnoringCase("@import");
    assertThat(Jsoup.parse(html).select("link, iframe, img, object, embed, base")).isEmpty();
    assertThat(ofDemo.somethingWorks()).isTrue();
    assertThat(ofDemo.lines()).hasSizeBetween(4, 8);
    assertThat(ofDemo.lines().get(0)).startsWith("Best: value layer ");
  }

  @Test
  void everyFigureIsDescribedAndHasItsNumbers() throws Exception {
    Document page = page(demo);
    List<Element> figures = page.select("figure");
    // Effect and fluency of two hook points; value by head at ten scales and six doses; layers at
    // equal dose of two hook points, and both beside each other at six doses; fluency, three sites.
    assertThat(figures).hasSize(2 * 2 + 10 + 6 + 2 + 6 + 1 + 3);
    for (Element figure : figures) {
      Element svg = figure.selectFirst("svg");
      assertThat(svg.attr("role")).isEqualTo("img");
      assertThat(svg.child(0).normalName()).isEqualTo("title");
      assertThat(svg.child(1).normalName()).isEqualTo("desc");
      for (String id : svg.attr("aria-labelledby").split(" ", -1)) {
        assertThat(page.getElementById(id)).as(id).isNotNull();
      }
      assertThat(figure.select("details table tbody tr")).as(figure.id()).isNotEmpty();
      Path file = demo.path().resolve("figures").resolve(figure.id() + ".svg");
      DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
    }
    assertThat(page.select("[id]").eachAttr("id")).doesNotHaveDuplicates();
  }

  @Test
  void theHeatmapShowsTheMeanOfItsSite() throws Exception {
    RunFolder run = steered(HookPoint.VALUE).write();

    Reports.write(run);

    Element cell = page(run).select("#effect-value svg .cells > g").get(1);
    assertThat(cell.selectFirst("text").text()).isEqualTo("+0.50");
    assertThat(cell.selectFirst("title").text())
        .startsWith("layer 2 all heads, scale +2: effect +0.50 [")
        .endsWith("n 12, works");
    assertThat(page(run).select("#effect-value details td").eachText())
        .containsExactly("−0.25 works", "+0.50 works");
  }

  @Test
  void theTextsAreThoseOfThePairWithTheMiddleEffect() throws Exception {
    RunFolder run = steered(HookPoint.VALUE).write();

    Reports.write(run);

    Element example = page(run).selectFirst(".example");
    assertThat(example.select("dd").eachText()).containsExactly("base 5", "plants");
    assertThat(example.select("h4").eachText()).containsExactly("baseline", "best", "opposite");
    assertThat(example.select("blockquote").eachText())
        .containsExactly("the old pie", "the old tofu 5", "the old ham 5");
    assertThat(example.select("mark").eachText()).containsExactly("tofu 5", "ham 5");
  }

  @Test
  void aRunOfResidualPostAloneHasNoHeads() throws Exception {
    RunFolder run = steered(HookPoint.RESIDUAL_POST).write();

    Verdict verdict = Reports.write(run);

    assertThat(page(run).select("#heads")).isEmpty();
    assertThat(page(run).select("#effect-residual-post")).hasSize(1);
    assertThat(verdict.lines().get(0)).startsWith("Best: residual_post layer 2 at scale +2.");
  }

  @Test
  void aRunOfSingleHeadsAloneSaysWhyALayerMapIsMissing() throws Exception {
    SyntheticRun synthetic = new SyntheticRun(folder);
    add(synthetic, new Site(HookPoint.VALUE, 0, 3));
    RunFolder run = synthetic.write();

    Reports.write(run);

    assertThat(page(run).select("#layers").text()).contains("only single heads");
    assertThat(page(run).select("#heads figure")).hasSize(2);
  }

  @Test
  void nothingWorksIsSaidPlainly() throws Exception {
    assertThat(ofNothing.somethingWorks()).isFalse();
    assertThat(ofNothing.lines().get(0))
        .startsWith("Nothing works.")
        .contains("base prompts that had no say in the choice");
    assertThat(page(nothing).selectFirst("#verdict h2").text()).isEqualTo("Nothing works.");
    assertThat(Files.readString(nothing.summaryFile())).contains("**Nothing works.**");
    assertThat(page(nothing).select(".version h4").eachText()).doesNotContain("best");
  }

  @Test
  void theFiveClaimsHaveAJudgementAndNumbers() throws Exception {
    for (RunFolder run : List.of(demo, nothing)) {
      List<Element> claims = page(run).select("#claims li");
      assertThat(claims).hasSize(5);
      for (Element claim : claims) {
        assertThat(claim.select(".badge").text()).isIn("supported", "not supported", "unclear");
        assertThat(claim.select("details p").text()).isNotEmpty();
      }
      assertThat(Files.readString(run.summaryFile())).contains("| claim | here | why | numbers |");
    }
    assertThat(page(demo).select("#claims li details table tbody tr")).hasSizeGreaterThan(10);
  }

  @Test
  void theRandomControlStandsBesideTheDoseResponse() throws Exception {
    Element figure = page(demo).selectFirst("#dose-response-1");
    assertThat(figure.select("path.line.control[d*=L]")).hasSize(1);
    assertThat(figure.select("path.whisker.control")).isNotEmpty();
    assertThat(figure.select("th").eachText()).contains("steered", "random", "n", "base prompts");
    assertThat(figure.select("svg text.quiet").eachText()).hasSize(10).containsOnly("24");
    RunFolder uncontrolled = steered(HookPoint.VALUE).write();
    Reports.write(uncontrolled);
    Element without = page(uncontrolled).selectFirst("#dose-response-1");
    assertThat(without.select("path.line.control")).isEmpty();
    assertThat(without.select("th").eachText()).doesNotContain("steered", "random");
    assertThat(without.select("figcaption").text()).contains("no random control");
  }

  @Test
  void cellsThatCannotBeToldFromNothingAreGrey() throws Exception {
    Element map = page(demo).selectFirst("#effect-value svg");
    for (Element cell : map.select(".cells > g")) {
      String details = cell.selectFirst("title").text();
      boolean coloured = cell.className().matches("d\\d+");
      assertThat(coloured).as(details).isEqualTo(details.endsWith(", works"));
    }
    assertThat(map.select(".cells > g.grey")).isNotEmpty();
    assertThat(page(demo).select("#effect-residual-post .cells > g.skipped > title").eachText())
        .hasSize(4)
        .containsOnly("not generated: kl_continuation at most 4");
  }

  @Test
  void theStrongestOfTheParetoFrontAreNamed() throws Exception {
    Element figure = page(demo).selectFirst("#effect-fluency");
    List<String> letters = figure.select("svg text.name").eachText();
    List<String> rows = figure.select("details tbody tr").eachText();
    assertThat(letters).hasSizeGreaterThanOrEqualTo(4).contains("A", "B");
    assertThat(letters.size() / 2).isLessThanOrEqualTo(rows.size());
    assertThat(figure.select("svg text.tick").text())
        .contains(ofDemo.lines().get(0).split("[.:] ")[1]);
  }

  @Test
  void whatWasNotGeneratedIsSaidWithItsGuard() throws Exception {
    assertThat(page(demo).select("#skipped").text())
        .contains("96 steered cells at 4 sites x scales")
        .contains("96 cells kl_continuation at most 4")
        .contains("residual_post layer 7 at scale −8");
    assertThat(ofDemo.lines()).contains("96 cells not generated, by the plan's guards.");
    assertThat(page(steeredReport()).select("#skipped")).isEmpty();
  }

  @Test
  void hookPointsAreComparedAtEqualDose() throws Exception {
    Element figure = page(demo).selectFirst("#doses .choice figure");
    assertThat(figure.select("h4").text()).startsWith("value against residual_post, dose +0.");
    assertThat(figure.select("details tbody th").eachText())
        .contains("value layer 0 all heads", "residual_post layer 0");
  }

  @Test
  void anUnfinishedRunSaysWhatIsMissing() throws Exception {
    SyntheticRun synthetic = steered(HookPoint.VALUE).planned(11_544);
    synthetic.failed(synthetic.pair("good", "x", "y"), null, 0, "CUDA <out> of memory");
    RunFolder run = synthetic.write();

    Verdict verdict = Reports.write(run);

    String missing = "Unfinished: 37 of 11 544 cells finished, 1 cell failed.";
    assertThat(verdict.lines()).endsWith(missing);
    assertThat(page(run).select(".warning").eachText()).anyMatch(text -> text.startsWith("Unfin"));
    assertThat(page(run).select("#facts").text()).contains("CUDA <out> of memory");
  }

  @Test
  void aRunThatHasJustBegunHasAReport() throws Exception {
    RunFolder run = new SyntheticRun(folder).planned(100).write();

    Verdict verdict = Reports.write(run);

    assertThat(verdict.lines())
        .containsExactly(
            "No verdict: no steered cell has a score yet.", "Unfinished: 0 of 100 cells finished.");
    assertThat(page(run).select("#facts")).hasSize(1);
  }

  @Test
  void aMissingControlIsSaidInAllThree() throws Exception {
    RunFolder run = steered(HookPoint.VALUE).write();

    Verdict verdict = Reports.write(run);

    assertThat(String.join(" ", verdict.lines())).contains("No random control in this sweep");
    assertThat(page(run).selectFirst("#verdict .warning").text()).contains("No random control");
    assertThat(Files.readString(run.summaryFile())).contains("No random control in this sweep");
  }

  @Test
  void theTerminalGetsAsciiSigns() {
    Verdict verdict = Reports.write(steered(HookPoint.VALUE).write());

    assertThat(verdict.lines()).allMatch(line -> line.chars().allMatch(c -> c >= 32 && c < 127));
    assertThat(String.join(" ", verdict.lines())).contains("at scale -2, -0.25 [-0.2");
  }

  @Test
  void theSameResultsGiveTheSameBytesAndNothingElseIsLeft() throws Exception {
    RunFolder run = steered(HookPoint.VALUE).write();
    Reports.write(run);
    String first = Files.readString(run.reportFile());
    Path stale = Files.writeString(run.path().resolve("figures/heads-value-plus-9.svg"), "old");

    Reports.write(run);

    assertThat(Files.readString(run.reportFile())).isEqualTo(first);
    assertThat(stale).doesNotExist();
    try (Stream<Path> files = Files.walk(run.path())) {
      assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".tmp"));
    }
  }

  @Test
  void onlyThePagesOwnScriptMayRun() throws Exception {
    RunFolder run = steered(HookPoint.VALUE).write();
    Reports.write(run);
    Element script = page(run).selectFirst("script");
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(script.data().getBytes(StandardCharsets.UTF_8));

    String policy =
        page(run).selectFirst("meta[http-equiv=Content-Security-Policy]").attr("content");

    assertThat(policy)
        .contains("default-src 'none'")
        .contains("'sha256-" + Base64.getEncoder().encodeToString(hash) + "'")
        .doesNotContain("script-src 'unsafe");
  }

  private RunFolder steeredReport() {
    RunFolder run = steered(HookPoint.VALUE).write();
    Reports.write(run);
    return run;
  }

  /** One layer, two scales that work, twelve base prompts with effects around +0.5 and -0.25. */
  private SyntheticRun steered(HookPoint hookPoint) {
    SyntheticRun run = new SyntheticRun(folder);
    add(run, SyntheticRun.whole(hookPoint, 2));
    return run;
  }

  private static void add(SyntheticRun run, Site site) {
    for (int i = 0; i < 12; i++) {
      PromptPair pair = run.pair("vegan", "base " + i, "plants");
      double spread = 0.01 * (i - 5.5);
      run.baseline(pair, Text.same(" the old pie", i));
      run.cell(pair, site, -2, Text.changed(" the old ham " + i, i - 0.25 + spread));
      run.cell(pair, site, 2, Text.changed(" the old tofu " + i, i + 0.5 + spread));
    }
  }

  static Document page(RunFolder run) throws Exception {
    Document page = Jsoup.parse(Files.readString(run.reportFile()));
    assertThat(
            page.getAllElements().stream()
                .flatMap(element -> element.attributes().asList().stream())
                .map(Attribute::getKey)
                .filter(name -> name.startsWith("on")))
        .isEmpty();
    return page;
  }
}
