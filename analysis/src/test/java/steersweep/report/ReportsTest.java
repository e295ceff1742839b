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
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.DemoSizedRun;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.model.HookPoint;
import steersweep.plan.DoseUnit;
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
    assertThat(html.length()).isLessThan(4_000_000);
    assertThat(html).doesNotContainPattern("(?i)(src|href|action)\\s*=\\s*[\"']?(https?:|//)");
    assertThat(html).doesNotContainPattern("(?i)url\\(\\s*[\"']?(?!#)");
    assertThat(html).doesNotContainIgnoringCase("@import");
    assertThat(Jsoup.parse(html).select("link, iframe, img, object, embed, base")).isEmpty();
    assertThat(ofDemo.concepts()).anyMatch(Verdict.Of::works);
    assertThat(ofDemo.lines()).hasSizeBetween(6, 10);
    assertThat(ofDemo.lines().get(0))
        .isEqualTo("Texts confirm steering for 3 of 3 concepts: vegan, good, evil.");
    assertThat(ofDemo.lines().get(1))
        .matches("vegan: works at \\w+ layer .* held-out texts: evidence .*");
  }

  @Test
  void everyFigureIsDescribedAndHasItsNumbers() throws Exception {
    Document page = page(demo);
    List<Element> figures = page.select("figure");
    // For each of three concepts and all: pull and damage of two hook points, value by head at six
    // settings (three of all concepts fit), pull against damage, dose-response, equal damages.
    assertThat(figures).hasSizeGreaterThan(4 * (2 * 2 + 3 + 2 + 1));
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
      // of dose-responses that of the recommended site alone is worth a file
      assertThat(Files.exists(file) || figure.id().startsWith("dose-response-")).isTrue();
    }
    try (Stream<Path> files = Files.list(demo.path().resolve("figures"))) {
      for (Path file : files.toList()) {
        assertThat(page.getElementById(file.getFileName().toString().replace(".svg", "")))
            .isNotNull();
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
      }
    }
    assertThat(page.select("[id]").eachAttr("id")).doesNotHaveDuplicates();
  }

  @Test
  void theHeatmapShowsTheMeanOfItsSite() throws Exception {
    RunFolder run = steered(HookPoint.VALUE).write();

    Reports.write(run);

    Element cell = page(run).select("#pull-value-1 svg .cells > g").get(1);
    assertThat(cell.selectFirst("text").text()).isEqualTo("+0.50");
    assertThat(cell.selectFirst("title").text())
        .startsWith("layer 2 all heads, setting +2: pull +0.50 [")
        .endsWith("damage 0.20, n 12, works (confirmed by texts)");
    assertThat(page(run).select("#pull-value-1 details td").eachText())
        .containsExactly("−0.25 works", "+0.50 works");
    assertThat(page(run).select("#damage-value-1 details td").eachText())
        .containsExactly("0.20 works", "0.20 works");
  }

  @Test
  void theTextsAreThoseOfThePairWithTheMiddleEvidence() throws Exception {
    RunFolder run = steered(HookPoint.VALUE).write();

    Reports.write(run);

    Element example = page(run).selectFirst(".example");
    assertThat(example.select("dd").eachText()).containsExactly("base 5", "plants");
    assertThat(example.select("h4").eachText()).containsExactly("baseline", "works", "opposite");
    assertThat(example.select("blockquote").eachText())
        .containsExactly("the old pie", "the old tofu 5", "the old ham 5");
    assertThat(example.select("mark").eachText()).containsExactly("tofu 5", "ham 5");
  }

  @Test
  void aRunOfResidualPostAloneHasNoHeads() throws Exception {
    RunFolder run = steered(HookPoint.RESIDUAL_POST).write();

    Verdict verdict = Reports.write(run);

    assertThat(page(run).select("#heads")).isEmpty();
    assertThat(page(run).select("#pull-residual-post-1")).hasSize(1);
    assertThat(verdict.lines().get(0)).isEqualTo("Texts confirm steering: vegan.");
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
    assertThat(ofNothing.concepts()).noneMatch(Verdict.Of::works);
    assertThat(ofNothing.lines().get(0)).isEqualTo("Texts confirm nothing.");
    assertThat(ofNothing.lines().get(1)).startsWith("vegan: not confirmed; largest pull: ");
    assertThat(page(nothing).selectFirst("#verdict h2").text()).isEqualTo("Texts confirm nothing.");
    assertThat(Files.readString(nothing.summaryFile())).contains("**Texts confirm nothing.**");
    assertThat(page(nothing).select(".version h4").eachText()).doesNotContain("works");
    assertThat(page(nothing).select(".lines tr.open td:nth-child(2)").eachText())
        .hasSize(3)
        .containsOnly("not confirmed");
    assertThat(page(nothing).select(".lines .next")).isEmpty();
  }

  @Test
  void eachConceptHasALineWithItsAnswer() throws Exception {
    List<Element> rows = page(demo).select(".lines tbody tr.works");
    assertThat(rows).hasSize(3);
    List<Element> samples = page(demo).select(".lines .sample");
    assertThat(samples).hasSize(3);
    assertThat(samples.get(0).text())
        .startsWith("“My favourite number ")
        .contains(" → ")
        .containsPattern("Next to use it: steersweep take \\S+ --concept vegan --site ");
    for (Element row : rows) {
      assertThat(row.child(1).text()).isEqualTo("works");
      assertThat(row.child(2).text()).contains(" layer ").contains(" at setting +");
      assertThat(row.child(3).text()).contains("% of prompting");
      assertThat(row.child(5).text()).matches("\\d of 5 \\(chance 33 %\\)");
    }
    List<Element> matrix = page(demo).select(".specific tbody tr");
    assertThat(matrix).hasSize(3);
    assertThat(matrix.get(0).select("td.own")).hasSize(1);
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
    Element figure = page(demo).selectFirst("[id^=dose-response-1-]");
    assertThat(figure.select("path.line.control[d*=L]")).hasSize(1);
    assertThat(figure.select("path.whisker.control")).isNotEmpty();
    assertThat(figure.select("th").eachText()).contains("steered", "random", "damage", "n");
    assertThat(figure.select("svg text.quiet").eachText()).hasSize(12).containsOnly("10");
    RunFolder uncontrolled = steered(HookPoint.VALUE).write();
    Reports.write(uncontrolled);
    Element without = page(uncontrolled).selectFirst("[id^=dose-response-1-]");
    assertThat(without.select("path.line.control")).isEmpty();
    assertThat(without.select("th").eachText()).doesNotContain("steered", "random");
    assertThat(without.select("figcaption").text()).contains("no random control");
  }

  @Test
  void cellsThatCannotBeToldFromNothingAreGrey() throws Exception {
    Element map = page(demo).selectFirst("#pull-value-1 svg");
    for (Element cell : map.select(".cells > g")) {
      String details = cell.selectFirst("title").text();
      boolean coloured = cell.className().matches("d\\d+");
      boolean clear = details.contains(", works (") || details.contains(", pulls (");
      assertThat(coloured).as(details).isEqualTo(clear);
    }
    assertThat(map.select(".cells > g.grey")).isNotEmpty();
  }

  @Test
  void theStrongestOfTheParetoFrontAreNamed() throws Exception {
    Element figure = page(demo).selectFirst("#pull-damage-1");
    List<String> letters = figure.select("svg text.name").eachText();
    List<String> rows = figure.select("details tbody tr").eachText();
    assertThat(letters).hasSizeGreaterThanOrEqualTo(4).contains("A", "B");
    assertThat(letters.size() / 2).isLessThanOrEqualTo(rows.size());
    List<int[]> places =
        figure.select("svg text.name:not(.mid)").stream()
            .map(of -> new int[] {(int) number(of, "x"), (int) number(of, "y")})
            .toList();
    for (int[] a : places) {
      assertThat(places)
          .filteredOn(b -> b != a)
          .allMatch(b -> Math.abs(a[0] - b[0]) > 8 || Math.abs(a[1] - b[1]) > 8);
    }
  }

  @Test
  void curvesByLayerHaveThreeMeasuresAndIntervals() throws Exception {
    Element figure = page(demo).selectFirst("#layers-value-2");
    assertThat(figure.select("svg text.axis").eachText())
        .contains(
            "pull, nats per token ↑", "damage, nats per token ↑", "share of coherent texts ↑");
    // three measures of three settings at eight layers
    assertThat(figure.select("g[data-cell]")).hasSize(3 * 3 * 8);
    assertThat(figure.select("path.whisker")).hasSizeGreaterThan(3 * 3 * 8 - 1);
    assertThat(figure.select("details tbody a").eachAttr("href")).contains("#good/value/3/all/+4");
  }

  @Test
  void whatIsBeyondAnAxisHasAnArrow() throws Exception {
    Element figure = page(demo).selectFirst("#layers-residual-post-1");
    Element broken = figure.selectFirst("g[data-cell=residual_post/3/all/+4]");
    assertThat(broken.select("title").text()).contains("damaging (");
    Element damage = figure.select("g[data-cell=residual_post/3/all/+4]").get(1);
    assertThat(damage.select("path.whisker").attr("d")).endsWith("m-4 0l4 -5l4 5");
    Element within = figure.select("g[data-cell=residual_post/3/all/+1]").get(1);
    assertThat(within.select("path.whisker").attr("d")).doesNotContain("l4");
  }

  @Test
  void labelsOfAnAxisDoNotCollide() throws Exception {
    for (Element svg : page(demo).select("figure svg")) {
      for (Element a : svg.select("text.tick.mid")) {
        for (Element b : svg.select("text.tick.mid")) {
          if (a != b && a.attr("y").equals(b.attr("y"))) {
            double apart = Math.abs(number(a, "x") - number(b, "x"));
            int letters = a.text().length() + b.text().length();
            assertThat(apart).as(a + " " + b).isGreaterThan(3.4 * letters);
          }
        }
      }
    }
  }

  @Test
  void theConceptsStandBesideEachOtherAndWithEachHookPoint() throws Exception {
    Element figure = page(demo).selectFirst("#every-concept");
    assertThat(figure.select("svg text.name").eachText()).containsExactly("vegan", "good", "evil");
    assertThat(figure.select("details tbody tr")).hasSize(3 * 2 * 8);
    Element table = page(demo).select("#verdict .answers").get(1);
    assertThat(table.select("thead th").eachText())
        .containsExactly("concept", "value", "residual_post");
    assertThat(table.select("tbody th").eachText())
        .containsExactly("vegan", "good", "evil", "all concepts");
    assertThat(table.select("tbody td").first().text())
        .matches("layer \\d( all heads| head \\d) at \\+\\d: \\+\\d.\\d+ \\[.*], confirmed");
  }

  @Test
  void axesSayWhatSettingsAre() throws Exception {
    assertThat(page(demo).select("#pull-value-1 svg text.axis").eachText())
        .contains("setting: factor →");
    assertThat(Labels.setting(DoseUnit.KL)).contains("damage");
    assertThat(Labels.setting(DoseUnit.RELATIVE)).contains("share");
  }

  @Test
  void figuresThatStandAloneHaveTheirTitle() throws Exception {
    Path file = demo.path().resolve("figures/pull-value-1.svg");
    Document svg = Jsoup.parse(Files.readString(file), "", Parser.xmlParser());
    Element title = svg.selectFirst("text");
    assertThat(title.text()).isEqualTo("Pull at value, all heads: vegan");
    assertThat(svg.selectFirst("svg").attr("viewBox")).startsWith("0 -26 ");
    assertThat(number(title, "y")).isBetween(-26.0, 0.0);
  }

  private static double number(Element of, String attribute) {
    return Double.parseDouble(of.attr(attribute));
  }

  @Test
  void whatWasNotRunIsSaidWithItsReason() throws Exception {
    assertThat(page(demo).select("#skipped").text())
        .contains("120 steered cells at 4 sites x settings have no text")
        .contains("30 cells: not run: texts are incoherent at setting 5 already")
        .contains("residual_post layer 7 at setting −8");
    assertThat(ofDemo.lines())
        .contains("120 cells not run beyond settings that make texts incoherent.");
    assertThat(page(demo).select("#facts").text())
        .contains("0 out of reach, 120 not run beyond incoherent texts");
    assertThat(page(steeredReport()).select("#skipped")).isEmpty();
  }

  @Test
  void hookPointsAreComparedAtEqualDamage() throws Exception {
    Element figure = page(demo).selectFirst("#doses .choice figure");
    assertThat(figure.select("h4").text()).startsWith("Pull by layer: vegan, damage ");
    assertThat(figure.select("details tbody th").eachText())
        .contains("value layer 0 all heads", "residual_post layer 0");
  }

  @Test
  void anUnfinishedRunSaysWhatIsMissing() throws Exception {
    SyntheticRun synthetic = steered(HookPoint.VALUE).planned(11_544);
    synthetic.failed(synthetic.pair("good", "x", "y"), null, 0, "CUDA <out> of memory");
    RunFolder run = synthetic.write();

    Verdict verdict = Reports.write(run);

    String missing = "Unfinished: 37 of 11 544 cells read, 37 of 37 texts written, 1 cell failed.";
    assertThat(verdict.lines()).endsWith(missing);
    assertThat(verdict.lines().get(0))
        .isEqualTo("No verdict: unfinished, 37 of 11 544 cells read, 37 of 37 texts written.");
    assertThat(verdict.lines().get(1)).startsWith("vegan: no verdict yet; largest pull so far: ");
    assertThat(verdict.concepts()).noneMatch(Verdict.Of::works);
    assertThat(page(run).select(".warning").eachText()).anyMatch(text -> text.startsWith("Unfin"));
    assertThat(page(run).select("#facts").text()).contains("CUDA <out> of memory");
  }

  @Test
  void aRunThatHasJustBegunHasAReport() throws Exception {
    RunFolder run = new SyntheticRun(folder).planned(100).write();

    Verdict verdict = Reports.write(run);

    assertThat(verdict.lines())
        .containsExactly(
            "No verdict: nothing was steered yet.",
            "Unfinished: 0 of 100 cells read, 0 of 1 texts written.");
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
    assertThat(String.join(" ", verdict.lines()))
        .contains("vegan: works at value layer 2 all heads at setting +2: pull +0.50 (50 % of");
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
    Element script = page(run).selectFirst("script:not([type])");
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
      run.baseline(pair, Text.same(" the old pie", 0));
      run.cell(pair, site, -2, Text.changed(" the old ham " + i, -0.25 + spread));
      run.cell(pair, site, 2, Text.changed(" the old tofu " + i, 0.5 + spread));
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
