package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import steersweep.error.Visible;
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.result.Published;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.score.Point;
import steersweep.score.Progress;
import steersweep.score.PublishedTexts;
import steersweep.score.PublishedTexts.Kind;
import steersweep.score.PublishedTexts.Text;
import steersweep.score.PublishedTexts.Third;
import steersweep.score.ResultTables;

/**
 * The report of published results: the same page, with what can be said without a model, and with
 * what cannot.
 *
 * @param runName the run folder's name
 * @param published where the results came from
 */
record PublishedPage(
    String runName,
    RunManifest manifest,
    Published published,
    PublishedTexts texts,
    CellTexts.Packed cells) {
  private static final String HEADLINE =
      "No verdict on steering: published texts, scored without their model.";

  private static final String MISSING =
      "Missing here, because it needs the model: uptake and the effect of steering, fluency, KL,"
          + " doses, a random control, and with them the recommended site, dose-response and the five"
          + " claims of the 2023 work, which are unclear. Run plan.yaml of this folder with the model"
          + " to have them.";

  private static final String ONE_PROMPT =
      "One base prompt: another one may give another picture. A text is judged by counting alone;"
          + " that it is another text than the baseline says nothing about where it went.";

  /** Texts on the page. */
  private static final int MOST_TEXTS = 1000;

  /** Characters of a text on the page. */
  private static final int MOST_CHARACTERS = 600;

  private static final List<String> THIRDS =
      List.of(
          "layers", "hook point", "texts", "the baseline's", "repetitive", "broken off", "other");

  static PublishedPage of(RunFolder run) {
    RunManifest manifest = run.manifest();
    return new PublishedPage(
        Report.name(run.path()),
        manifest,
        Objects.requireNonNull(manifest.published(), "a sweep has a report of its own"),
        PublishedTexts.of(run),
        CellTexts.packed(ResultTables.load(run), List.of()));
  }

  Verdict verdict() {
    List<String> lines = new ArrayList<>(List.of(HEADLINE));
    lines.addAll(sentences());
    lines.add(MISSING);
    return new Verdict(
        lines.stream().map(Visible::text).toList(), List.of(), progress(), List.of());
  }

  private Progress progress() {
    long cells = manifest.cells();
    return new Progress(cells, cells, cells, cells, 0, 0, 0, 0);
  }

  private List<String> sentences() {
    return Stream.of(counts(), targets(), "The baseline is " + published.baseline() + ".")
        .filter(sentence -> !sentence.isEmpty())
        .toList();
  }

  private String counts() {
    String byHookPoint =
        texts.hookPoints().stream()
            .map(hookPoint -> hookPoint.word() + " " + counts(texts.at(hookPoint)))
            .collect(Collectors.joining("; "));
    return "Of " + Numbers.count(texts.texts().size()) + " steered texts: " + byHookPoint + ".";
  }

  private static String counts(List<Text> texts) {
    return Stream.of(Kind.values())
        .map(
            kind ->
                Numbers.count(texts.stream().filter(text -> text.kind() == kind).count())
                    + " "
                    + kind.words())
        .collect(Collectors.joining(", "));
  }

  private String targets() {
    Integer least = texts.baseline().targetHits();
    if (least == null) {
      return "";
    }
    List<Text> more = texts.texts().stream().filter(text -> moreTargets(text) > 0).toList();
    String most =
        more.stream()
            .filter(text -> text.kind() == Kind.CHANGED)
            .max(Comparator.comparing(this::moreTargets))
            .map(text -> "; most without looping (" + text.targetHits() + ") in " + place(text))
            .orElse("");
    return "Target words: "
        + more.size()
        + " texts have more of them than the baseline ("
        + least
        + ")"
        + most
        + ".";
  }

  private double moreTargets(Text text) {
    Integer hits = text.targetHits();
    Integer ofBaseline = texts.baseline().targetHits();
    return hits == null || ofBaseline == null ? Double.NaN : hits - ofBaseline;
  }

  private static String place(Text text) {
    Point point = text.point();
    return point == null
        ? "baseline"
        : Labels.site(point.site()) + " at setting " + Numbers.scale(point.setting());
  }

  List<Figure> figures() {
    return texts.hookPoints().stream().flatMap(at -> maps(at).stream()).toList();
  }

  private List<Figure> maps(HookPoint hookPoint) {
    String id = hookPoint.word().replace('_', '-');
    List<Figure> maps = new ArrayList<>();
    maps.add(
        map(
            hookPoint,
            "common-" + id,
            "Text in common with the baseline at " + hookPoint.word(),
            text -> 1 - text.difference(),
            Palette.SEQUENTIAL,
            0,
            1,
            "share in common",
            "Share of the pieces of text that a text and the baseline share: 1 for the same ones,"
                + " 0 for nothing in common. Hatched: repetitive or broken off."));
    maps.add(
        map(
            hookPoint,
            "distinct-" + id,
            "Repetition at " + hookPoint.word(),
            Text::distinct2,
            Palette.SEQUENTIAL,
            0,
            1,
            "distinct-2",
            "Distinct neighbouring pairs of pieces, as a share of all pairs: 1 for no repetition. The"
                + " baseline has "
                + Numbers.fixed(texts.baseline().distinct2(), 2)
                + "."));
    if (texts.baseline().targetHits() != null) {
      double most =
          texts.at(hookPoint).stream()
              .mapToDouble(text -> Math.abs(moreTargets(text)))
              .reduce(1, Math::max);
      maps.add(
          map(
              hookPoint,
              "targets-" + id,
              "Target words at " + hookPoint.word(),
              this::moreTargets,
              Palette.DIVERGING,
              -most,
              most,
              "target words",
              "Target words in the text, minus those in the baseline. Hatched: repetitive or broken off."));
    }
    return maps;
  }

  private Figure map(
      HookPoint hookPoint,
      String id,
      String title,
      ToDoubleFunction<Text> value,
      Palette palette,
      double low,
      double high,
      String unit,
      String caption) {
    Set<Integer> layers = new TreeSet<>();
    Set<Double> scales = new TreeSet<>();
    Map<List<Number>, Text> at = new HashMap<>();
    for (Text text : texts.at(hookPoint)) {
      Point point = Objects.requireNonNull(text.point());
      layers.add(point.site().layer());
      scales.add(point.setting());
      at.put(List.of(point.site().layer(), point.setting()), text);
    }
    List<List<Heatmap.@Nullable Cell>> cells = new ArrayList<>();
    for (int layer : layers) {
      List<Heatmap.@Nullable Cell> row = new ArrayList<>();
      for (double scale : scales) {
        Text text = at.get(List.<Number>of(layer, scale));
        row.add(text == null ? null : cell(text, value.applyAsDouble(text)));
      }
      cells.add(row);
    }
    return new Heatmap(
            id,
            title,
            title + ", by layer and setting.",
            "layer",
            "setting",
            layers.stream().map(String::valueOf).toList(),
            scales.stream().map(Numbers::scale).toList(),
            cells,
            palette,
            low,
            high,
            unit)
        .figure(caption);
  }

  private static Heatmap.Cell cell(Text text, double value) {
    boolean broken = text.kind() == Kind.REPETITIVE || text.kind() == Kind.CUT_SHORT;
    return new Heatmap.Cell(
        value,
        broken ? Heatmap.Mark.DAMAGING : Heatmap.Mark.NONE,
        place(text) + ", " + text.kind().words() + ": " + shortened(text.text()),
        Labels.key(Objects.requireNonNull(text.point())));
  }

  private static String shortened(String text) {
    String shown = text.stripLeading();
    return shown.length() > MOST_CHARACTERS ? shown.substring(0, MOST_CHARACTERS) + "…" : shown;
  }

  String html(List<Figure> figures) {
    Html body = new Html();
    Page.top(body, manifest.plan().name(), runName, facts(), false);
    body.leaf("h2", HEADLINE);
    sentences().forEach(sentence -> body.leaf("p", sentence));
    List.of(MISSING, ONE_PROMPT).forEach(warning -> body.leaf("p", warning, "class", "warning"));
    thirds(body);
    body.close();
    body.section("layers", "Which layer and setting");
    body.open(
        "div", "class", "of-concept", "data-concept", manifest.plan().concepts().get(0).name());
    ReportPage.pair(body, figures);
    body.close().close();
    texts(body);
    Html reading =
        new Html()
            .leaf(
                "p",
                "A text is repetitive if it has lost more than "
                    + Numbers.fixed(PublishedTexts.MOST_REPETITION, 2)
                    + " of distinct-2 against the baseline, and broken off if it is shorter than "
                    + Numbers.percent(PublishedTexts.LEAST_LENGTH)
                    + " of it. Pieces stand in for tokens: runs of up to"
                    + " 8 letters, every other character alone.");
    return Page.html(
        manifest.plan().name(),
        body,
        cells,
        reading.toString(),
        FactsSection.html(manifest, FactsSection.facts(runName, manifest, progress())));
  }

  private Map<String, String> facts() {
    PromptPair pair = manifest.plan().promptPairs().get(0);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Published results", published.file());
    facts.put("Steered texts", Numbers.count(texts.texts().size()));
    facts.put("Base prompt", pair.basePrompt());
    facts.put("Steering prompt", pair.steeringPrompt());
    facts.put("Layers", String.valueOf(published.layers()));
    return facts;
  }

  private List<List<String>> thirds() {
    return texts.thirds(published.layers()).stream().map(PublishedPage::cells).toList();
  }

  private static List<String> cells(Third third) {
    return List.of(
        third.name(),
        third.hookPoint().word(),
        String.valueOf(third.texts().size()),
        String.valueOf(third.count(Kind.UNCHANGED)),
        String.valueOf(third.count(Kind.REPETITIVE)),
        String.valueOf(third.count(Kind.CUT_SHORT)),
        String.valueOf(third.count(Kind.CHANGED)));
  }

  private void thirds(Html body) {
    body.open("div", "class", "scroll").open("table", "class", "concepts");
    body.leaf("caption", "Texts by depth, a third of the layers each");
    body.columns(THIRDS);
    thirds().forEach(cells -> row(body, cells));
    body.close().close().close();
  }

  private static void row(Html body, List<String> cells) {
    body.open("tr");
    cells.forEach(cell -> body.leaf("td", cell));
    body.close().line();
  }

  private void texts(Html body) {
    body.section("texts", "Texts");
    body.open("div", "class", "versions").open("div", "class", "version");
    body.leaf("h4", "baseline").leaf("p", published.baseline(), "class", "where");
    body.open("blockquote").add(TextsSection.marked(shortened(texts.baseline().text()), ""));
    body.close().close().close();
    body.open("div", "class", "scroll tall", "tabindex", "0", "role", "region");
    body.open("table", "class", "texts");
    body.columns(List.of("site", "setting", "text", "what it is", "target words"));
    texts.texts().stream().limit(MOST_TEXTS).forEach(text -> text(body, text));
    body.close().close().close();
    if (texts.texts().size() > MOST_TEXTS) {
      body.leaf("p", "The first " + MOST_TEXTS + " of " + texts.texts().size() + ".");
    }
    body.close();
  }

  private void text(Html body, Text text) {
    Point point = Objects.requireNonNull(text.point());
    body.open("tr")
        .leaf("td", Labels.site(point.site()))
        .leaf("td", Numbers.scale(point.setting()));
    body.open("td");
    body.add(TextsSection.marked(shortened(text.text()), shortened(texts.baseline().text())));
    body.close().leaf("td", text.kind().words());
    body.leaf("td", text.targetHits() == null ? Numbers.NOTHING : text.targetHits().toString());
    body.close().line();
  }

  String markdown() {
    StringBuilder out = new StringBuilder();
    out.append("# steersweep: ").append(md(manifest.plan().name())).append("\n\n");
    out.append("**").append(HEADLINE).append("**");
    sentences().forEach(sentence -> out.append(' ').append(md(sentence)));
    out.append("\n\n> ").append(MISSING).append("\n>\n> ").append(ONE_PROMPT).append("\n\n");
    out.append("## Texts by depth, a third of the layers each\n\n");
    out.append(Markdown.row(THIRDS)).append("|---|---|--:|--:|--:|--:|--:|\n");
    thirds().forEach(cells -> out.append(Markdown.row(cells)));
    out.append("\n## Run facts\n\n| | |\n|---|---|\n");
    FactsSection.facts(runName, manifest, progress())
        .forEach((name, value) -> out.append(Markdown.row(List.of(name, md(value)))));
    return out.toString();
  }

  private static String md(String text) {
    return Markdown.escape(text);
  }
}
