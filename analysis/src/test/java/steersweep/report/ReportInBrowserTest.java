package steersweep.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import steersweep.DemoSizedRun;
import steersweep.error.Visible;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import steersweep.result.RunFolder;
import steersweep.score.Point;
import steersweep.score.ResultTables;
import tech.tablesaw.api.Table;

/**
 * The report in a real browser, opened from its file. Without a Chromium on the machine it is
 * skipped, or fails with {@code -Dsteersweep.browser=required} ({@code make report-check}); there
 * {@code analysis/target/report-check} keeps pictures of what the browser showed.
 */
class ReportInBrowserTest {
  private static final String AXE = "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js";

  private static final Path PICTURES = Path.of("target", "report-check");

  @TempDir static Path folder;

  private static Chromium browser;
  private static URI page;

  @BeforeAll
  static void openTheBrowser() throws IOException {
    Optional<Path> found = Chromium.find();
    String missing =
        "no Chromium on this machine: install one (chromium, google-chrome) or name it in"
            + " STEERSWEEP_CHROMIUM";
    if ("required".equals(System.getProperty("steersweep.browser"))) {
      assertThat(found).as(missing).isPresent();
    }
    if (found.isEmpty()) {
      System.out.println("ReportInBrowserTest is skipped: " + missing);
    }
    assumeTrue(found.isPresent(), missing);
    RunFolder run = DemoSizedRun.write(folder.resolve("run <&> 1"), false);
    Reports.write(run);
    // Spelled as the browser spells it.
    page = URI.create("file://" + run.reportFile().toUri().getRawPath());
    browser = Chromium.start(found.get(), folder.resolve("browser"));
    Files.createDirectories(PICTURES);
  }

  @AfterAll
  static void closeTheBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "desktop-light,1280,900",
    "desktop-dark,1280,900",
    "tablet-light,768,1000",
    "tablet-dark,768,1000",
    "phone-light,390,800",
    "phone-dark,390,800"
  })
  void itLoadsNothingElseComplainsOfNothingAndFitsTheWindow(String name, int width, int height)
      throws IOException {
    browser.open(page, width, height, name.endsWith("dark"));

    Files.write(PICTURES.resolve(name + ".png"), browser.screenshot());
    assertThat(browser.requests()).hasSize(1).allMatch(url -> url.endsWith("/report.html"));
    assertThat(browser.complaints()).isEmpty();
    assertThat(number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(width);
    assertThat(number("document.querySelector('#verdict').getBoundingClientRect().top"))
        .as("the verdict is on the first screen")
        .isLessThan(height);
  }

  @Test
  void everyFigureIsDrawnAndItsWordsCanBeRead() {
    browser.open(page, 1280, 900, false);

    JsonNode sizes =
        browser.value(
            """
            (() => {
              const sizes = new Map();
              const select = document.querySelector("select.concept");
              for (const concept of [...select.options]) {
                select.value = concept.value;
                select.dispatchEvent(new Event("change"));
                document.querySelectorAll("figure:not([hidden]) svg").forEach((svg) => {
                  const box = svg.getBoundingClientRect();
                  const before = sizes.get(svg) ?? [0, 0];
                  sizes.set(svg, [Math.max(before[0], box.width), Math.max(before[1], box.height)]);
                });
              }
              return [...sizes.values()];
            })()
            """);
    assertThat(sizes).hasSizeGreaterThanOrEqualTo(8);
    assertThat(sizes).allMatch(s -> s.get(0).asDouble() > 300 && s.get(1).asDouble() > 100);
    assertThat(faint()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1280,900,light", "390,800,dark"})
  void axeFindsNothingSerious(int width, int height, String scheme) throws IOException {
    RunFolder run = new RunFolder(folder.resolve("small " + scheme));
    HostileTextsTest.write(run.path(), "plain");
    Reports.write(run);
    URI small = URI.create("file://" + run.reportFile().toUri().getRawPath());
    browser.open(
        URI.create(small + "#concept%20plain/value/0/all/+2"),
        width,
        height,
        scheme.equals("dark"));
    browser.until("document.querySelector('#cell[open] article')");
    try (InputStream axe = getClass().getResourceAsStream(AXE)) {
      browser.value(new String(axe.readAllBytes(), StandardCharsets.UTF_8) + "; 0");
    }
    for (String state : List.of("the panel open", "the panel closed")) {
      browser.value(
          "window.found = undefined; axe.run().then(found => { window.found = found; }); 0");
      browser.until("window.found");
      JsonNode serious =
          browser.value(
              "window.found.violations.filter(of => ['serious', 'critical'].includes(of.impact))"
                  + ".map(of => [of.id, of.nodes.length, of.nodes[0].html, of.nodes[0].failureSummary])");
      assertThat(serious).as(state).isEmpty();
      assertThat(number("window.found.passes.length")).isGreaterThan(15);
      browser.value("document.getElementById('cell').close()");
    }
  }

  @Test
  void wordsInFiguresAreTenPixelsOnAPhone() {
    browser.open(page, 390, 800, false);

    JsonNode small =
        browser.value(
            """
            (() => {
              document.querySelectorAll("[hidden]").forEach((of) => { of.hidden = false; });
              return [...document.querySelectorAll("figure svg text")]
                .map((text) => [text.textContent, parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a])
                .filter(([, pixels]) => !(pixels >= 10));
            })()
            """);
    assertThat(small).isEmpty();
  }

  @Test
  void onDarkGroundToo() {
    browser.open(page, 1280, 900, true);

    assertThat(browser.value("getComputedStyle(document.body).backgroundColor").asText())
        .isEqualTo("rgb(21, 25, 28)");
    assertThat(faint()).isEmpty();
  }

  /** Texts of drawings with a contrast below 4.5 to what they stand on. */
  private static JsonNode faint() {
    return browser.value(
        """
        (() => {
          const light = (rgb) => rgb.match(/[\\d.]+/g).slice(0, 3).map((c) => c / 255)
            .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0.05);
          const card = getComputedStyle(document.querySelector("figure")).backgroundColor;
          return [...document.querySelectorAll("figure svg text")].map((text) => {
            const ground = text.parentElement.querySelector(":scope > .ground");
            const fill = ground ? getComputedStyle(ground).fill : card;
            const pair = [light(getComputedStyle(text).fill), light(fill.startsWith("rgb") ? fill : card)];
            return [text.textContent, Math.max(...pair) / Math.min(...pair)];
          }).filter(([, contrast]) => !(contrast >= 4.5));
        })()
        """);
  }

  /** A cell of a map whose texts the tests look at. */
  private static final String CELL = "#pull-value-2 [data-cell=\"value/3/all/+4\"]";

  private static final String ADDRESS = "#good/value/3/all/+4";

  @Test
  void aClickOnACellOfAMapShowsAllItsTexts() {
    browser.open(page, 1280, 900, false);
    choose("good");

    browser.click(CELL);

    browser.until("document.querySelector('#cell[open] article')");
    assertThat(browser.value("location.hash").asText()).isEqualTo(ADDRESS);
    assertThat(text("#cell-title")).isEqualTo("good: value layer 3 all heads at setting +4");
    assertThat(text("#cell-facts")).contains("pull +", "damage ", "coherent 100", "factor 4.00");
    assertThat(number("document.querySelectorAll('#cell article').length")).isEqualTo(10);
    assertThat(texts("#cell article:first-of-type h3"))
        .containsExactly("My favourite number 0 for good is …");
    assertThat(texts("#cell article:first-of-type h4"))
        .containsExactly("baseline", "steered", "random direction", "prompted instead");
    assertThat(text("#cell article .where")).contains("I am helpful, harmless and honest.");
    assertThat(texts("#cell blockquote mark")).isNotEmpty().containsOnly("pie");
    assertThat(browser.complaints()).isEmpty();
    assertThat(browser.requests()).hasSize(1);
  }

  @Test
  void theTextsShownAreThoseOfTheRun() {
    browser.open(URI.create(page + ADDRESS), 1280, 900, false);
    browser.until("document.querySelector('#cell[open] article')");
    ResultTables tables = ResultTables.load(new RunFolder(folder.resolve("run <&> 1")));
    Point point = new Point(new Site(HookPoint.VALUE, 3, Site.ALL_HEADS), 4);
    Table steered = tables.texts(point);

    List<String> written =
        steered
            .where(steered.stringColumn("concept").isEqualTo("good"))
            .sortOn("pair")
            .stringColumn("text")
            .asList()
            .stream()
            .map(text -> Visible.text(text.strip()))
            .toList();

    assertThat(texts("#cell .version:nth-child(2) blockquote")).isEqualTo(written);
  }

  @Test
  void enterATouchAPointOfAPlotAndARowOfATableShowThemToo() {
    browser.open(page, 400, 800, false);
    choose("good");
    for (Runnable way :
        List.<Runnable>of(
            () -> {
              browser.value("document.querySelector(`" + CELL + "`).focus()");
              browser.press("Enter", 13, "\r");
            },
            () -> browser.tap(CELL),
            () ->
                browser.click(
                    "figure[id^=dose-response-2]:not([hidden]) [data-cell$=\"+4\"] .mark"),
            () -> browser.click("#all-scores tbody td:nth-child(3)"))) {
      way.run();
      browser.until("document.querySelector('#cell[open] article')");
      assertThat(browser.value("location.hash").asText())
          .matches("#\\w+/\\w+/\\d/(all|\\d)/[+-]\\d");
      browser.press("Escape", 27, "");
      // a dialog tells of its end later than it is closed
      browser.until("!document.querySelector('#cell[open]') && location.hash.endsWith('/')");
    }
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void arrowKeysLeadFromCellToCellAndTheAddressOpensItAgain() {
    browser.open(page, 1280, 900, false);
    choose("good");
    browser.value("document.querySelector(`" + CELL + "`).focus()");
    browser.press("ArrowDown", 40, "");
    assertThat(browser.value("document.activeElement.dataset.cell").asText())
        .isEqualTo("value/4/all/+4");
    browser.press("ArrowLeft", 37, "");
    assertThat(browser.value("document.activeElement.dataset.cell").asText())
        .isEqualTo("value/4/all/+1");
    browser.press(" ", 32, " ");
    browser.until("document.querySelector('#cell[open] article')");

    browser.press("ArrowRight", 39, "");
    browser.until("location.hash === '#good/value/4/all/+4'");
    browser.until("document.getElementById('cell-title').textContent.endsWith('setting +4')");
    browser.press("ArrowRight", 39, "");
    browser.until("document.getElementById('cell-title').textContent.endsWith('setting +8')");

    String address = browser.value("location.href").asText();
    browser.open(URI.create(address), 1280, 900, false);
    browser.until("document.querySelector('#cell[open] article')");
    assertThat(text("#cell-title")).isEqualTo("good: value layer 4 all heads at setting +8");
    assertThat(browser.value("document.querySelector('select.concept').value").asText())
        .isEqualTo("good");
  }

  @Test
  void theTextsOfACellAreSearchedAndFiltered() {
    browser.open(URI.create(page + ADDRESS), 1280, 900, false);
    browser.until("document.querySelector('#cell[open] article')");

    browser.value("document.querySelector('#cell input').focus()");
    browser.type("number 7");
    assertThat(texts("#cell h3")).containsExactly("My favourite number 7 for good is …");
    assertThat(text("#cell output")).isEqualTo("1 of 10 prompt pairs");
    browser.press("ArrowLeft", 37, "");
    assertThat(browser.value("location.hash").asText()).isEqualTo(ADDRESS);

    browser.value(
        "(() => { const input = document.querySelector('#cell input'); input.value = '';"
            + " const select = document.querySelector('#cell select'); select.value = 'target';"
            + " select.dispatchEvent(new Event('change')); })()");
    assertThat(number("document.querySelectorAll('#cell article').length")).isBetween(1, 9);
    assertThat(
            browser
                .value(
                    "[...document.querySelectorAll('#cell article')].every(a =>"
                        + " a.querySelector('.version:nth-child(2) mark'))")
                .asBoolean())
        .isTrue();
  }

  @Test
  void theConceptIsKeptInTheAddress() {
    browser.open(page, 1280, 900, false);
    choose("evil");
    String address = browser.value("location.href").asText();
    assertThat(address).endsWith("#evil/layers");

    browser.open(URI.create(address), 1280, 900, false);

    assertThat(
            browser
                .value("document.querySelector('.of-concept:not([hidden])').dataset.concept")
                .asText())
        .isEqualTo("evil");
    assertThat(number("document.querySelector('#layers').getBoundingClientRect().top"))
        .isLessThan(200);
  }

  @Test
  void hostileTextsStayTexts() {
    RunFolder run = new RunFolder(folder.resolve("hostile"));
    HostileTextsTest.write(run.path(), String.join(" ", HostileTextsTest.hostileTexts()));
    Reports.write(run);
    browser.open(URI.create("file://" + run.reportFile().toUri().getRawPath()), 768, 900, false);

    browser.click("[data-cell]");
    browser.until("document.querySelector('#cell[open] article')");

    assertThat(text("#cell .version:nth-child(2) blockquote"))
        .startsWith("text <script>alert(1)</script> </style>")
        .contains("[U+2028]alert(1)", "[U+202E]");
    assertThat(number("document.querySelectorAll('#cell :is(script, img, iframe, b)').length"))
        .isZero();
    assertThat(browser.complaints()).isEmpty();
    assertThat(browser.requests()).hasSize(1);
  }

  private static void choose(String concept) {
    browser.value(
        "(() => { const select = document.querySelector('select.concept'); select.value = '"
            + concept
            + "'; select.dispatchEvent(new Event('change')); })()");
  }

  private static String text(String selector) {
    return browser.value("document.querySelector(`" + selector + "`).textContent").asText();
  }

  private static List<String> texts(String selector) {
    List<String> texts = new ArrayList<>();
    browser
        .value("[...document.querySelectorAll(`" + selector + "`)].map(of => of.textContent)")
        .forEach(text -> texts.add(text.asText()));
    return texts;
  }

  @Test
  void theTableIsSearchedAndSortedFromTheKeyboard() {
    browser.open(page, 1280, 900, false);
    int all = number("document.querySelectorAll('#all-scores tbody tr').length");

    browser.value("document.querySelector('#scores input[type=search]').focus()");
    browser.type("residual_post");
    int found = number("document.querySelectorAll('#all-scores tbody tr:not([hidden])').length");
    assertThat(found).isBetween(1, all - 1);
    assertThat(browser.value("document.querySelector('#scores output').textContent").asText())
        .isEqualTo(found + " of " + all + " rows");

    browser.value(
        "[...document.querySelectorAll('#all-scores th button')]"
            + ".find(button => button.textContent === 'pull').focus()");
    browser.press("Enter", 13, "\r");
    JsonNode effects =
        browser.value(
            "[...document.querySelectorAll('#all-scores tbody tr:not([hidden])')].map(row =>"
                + " Number(row.cells[6].textContent.replace('\\u2212', '-')))"
                + ".filter(n => !Number.isNaN(n))");
    assertThat(effects).hasSizeGreaterThan(1);
    for (int i = 1; i < effects.size(); i++) {
      assertThat(effects.get(i).asDouble()).isLessThanOrEqualTo(effects.get(i - 1).asDouble());
    }
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void theFirstTabStopLeadsToTheVerdict() {
    browser.open(page, 1280, 900, false);

    browser.press("Tab", 9, "");
    assertThat(browser.value("document.activeElement.textContent").asText())
        .isEqualTo("Skip to the verdict");
    browser.press("Enter", 13, "\r");
    assertThat(browser.value("location.hash").asText()).isEqualTo("#verdict");
  }

  @Test
  void oneScaleOfTheHeadMapsIsShownAtATime() {
    browser.open(page, 1280, 900, false);
    String shown =
        "[...document.querySelectorAll('#heads .of-concept:not([hidden]) figure:not([hidden])')].map(f => f.id)";
    JsonNode first = browser.value(shown);
    assertThat(first).hasSize(1);

    browser.value("document.querySelector('#heads .of-concept:not([hidden]) select').focus()");
    browser.press("ArrowUp", 38, "");

    assertThat(browser.value(shown)).hasSize(1).isNotEqualTo(first);
  }

  @Test
  void itPrints() throws IOException {
    browser.open(page, 1280, 900, true);

    byte[] pdf = browser.pdf();
    browser.media("print");
    JsonNode missing =
        browser.value(
            "[...document.querySelectorAll('main section, .of-concept')]"
                + ".filter(of => getComputedStyle(of).display === 'none').length");
    browser.media("screen");

    assertThat(missing.asInt()).isZero();
    Files.write(PICTURES.resolve("print.pdf"), pdf);
    assertThat(new String(pdf, 0, 5, StandardCharsets.US_ASCII)).isEqualTo("%PDF-");
    assertThat(pdf.length).isBetween(20_000, 5_000_000);
  }

  private static int number(String expression) {
    return browser.value(expression).asInt();
  }
}
