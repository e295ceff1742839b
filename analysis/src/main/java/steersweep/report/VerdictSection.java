package steersweep.report;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;
import steersweep.model.ModelManifest;
import steersweep.model.ModelShape;
import steersweep.plan.Site;
import steersweep.result.RunManifest;
import steersweep.score.Analysis;
import steersweep.score.ConceptFindings;
import steersweep.score.Interval;
import steersweep.score.Outcome;
import steersweep.score.Point;
import steersweep.score.SiteScore;
import steersweep.score.Specificity;

/** The top of the page: what was run, what came out for each concept, how far to believe it. */
final class VerdictSection {
  private static final List<String> ANSWERS =
      List.of(
          "concept",
          "answer",
          "site and setting",
          "pull",
          "evidence of held-out texts, nats",
          "recognised",
          "coherent",
          "damage");

  private VerdictSection() {}

  static void add(Html body, Report report, VerdictText verdict) {
    Analysis analysis = report.analysis();
    boolean works = verdict.concepts().stream().anyMatch(ConceptLine::works);
    Page.top(body, report.manifest().plan().name(), report.runName(), facts(report), works);
    body.leaf("h2", verdict.headline());
    concepts(body, report, verdict.concepts());
    verdict.warnings().forEach(warning -> body.leaf("p", warning, "class", "warning"));
    byHookPoint(body, report);
    if (!verdict.remarks().isEmpty()) {
      body.open("dl", "class", "remarks");
      for (VerdictText.Remark remark : verdict.remarks()) {
        body.open("div").leaf("dt", remark.about()).leaf("dd", remark.text()).close();
      }
      body.close();
    }
    settings(body, report.next());
    outcomes(body, analysis);
    specificity(body, analysis.specificity());
    body.close();
  }

  private static void settings(Html body, List<String> steps) {
    if (!steps.isEmpty()) {
      body.leaf("h3", "Settings to try next").open("ul", "class", "next");
      steps.forEach(step -> body.leaf("li", step));
      body.close();
    }
  }

  private static Map<String, String> facts(Report report) {
    RunManifest manifest = report.manifest();
    ConceptFindings all = report.analysis().all();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Model", model(manifest.model()));
    facts.put("Cells", VerdictText.state(report.tables().progress()));
    facts.put("Prompt pairs", all.pairs() + " on " + all.basePrompts() + " base prompts");
    facts.put("Position rule", manifest.plan().positions().word());
    facts.put("Created", manifest.created());
    return facts;
  }

  private static String model(@Nullable ModelManifest model) {
    if (model == null) {
      return "not at hand: published results";
    }
    ModelShape shape = model.shape();
    Path path = Path.of(model.checkpoint());
    int names = path.getNameCount();
    // folders are often called no more than "model" or "checkpoint"
    boolean file = names < 2 || path.toString().endsWith(".gguf");
    return (names == 0 ? model.modelType() : path.subpath(names - (file ? 1 : 2), names).toString())
        + " ("
        + model.modelType()
        + ", "
        + shape.nLayers()
        + " layers, "
        + shape.nHeads()
        + " heads)";
  }

  private static void concepts(Html body, Report report, List<ConceptLine> lines) {
    if (lines.isEmpty()) {
      return;
    }
    Map<String, TextExample> examples = new HashMap<>();
    report.examples().forEach(example -> examples.put(example.concept(), example));
    body.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Answers");
    body.open("table", "class", "answers lines").columns(ANSWERS);
    for (ConceptLine line : lines) {
      body.open("tr", "class", line.works() ? "works" : "open");
      body.leaf("th", line.concept(), "scope", "row", "rowspan", 2);
      body.leaf("td", line.verdict()).open("td", "data-label", "at ");
      if (line.point() == null) {
        body.text(line.where());
      } else {
        body.leaf("a", line.where(), "href", Labels.address(line.concept(), line.point()));
      }
      body.close();
      List<String> cells =
          List.of(line.share(), line.evidence(), line.recognised(), line.coherent(), line.damage());
      for (int i = 0; i < cells.size(); i++) {
        body.leaf("td", cells.get(i), "data-label", ANSWERS.get(i + 3) + " ");
      }
      body.close().open("tr").open("td", "colspan", ANSWERS.size() - 1, "class", "sample");
      TextExample example = examples.get(line.concept());
      if (example != null && !example.versions().isEmpty()) {
        sample(body, example);
      }
      if (line.works() && line.point() != null) {
        next(body, "to use it: " + take(report, line.concept(), line.point()));
      }
      body.close().close();
    }
    body.close().close().close();
  }

  /** One pair of texts: that with the middle evidence. */
  private static void sample(Html body, TextExample example) {
    TextExample.Version steered = example.versions().get(0);
    body.open("p").text("“" + example.basePrompt() + "”: ");
    body.leaf("span", TextsSection.shownText(example.baseline()), "class", "same");
    body.text(" → ").add(TextsSection.marked(steered.text(), example.baseline()));
    body.close();
  }

  private static void next(Html body, String step) {
    body.open("p", "class", "next").leaf("strong", "Next ").text(step).close();
  }

  private static String take(Report report, String concept, Point point) {
    Site site = point.site();
    return "steersweep take "
        + quoted(report.path())
        + (report.analysis().concepts().size() == 1 ? "" : " --concept " + quoted(concept))
        + " --site "
        + site.hookPoint().word()
        + ":"
        + site.layer()
        + (site.allHeads() ? "" : ":" + site.head())
        + " --setting "
        + BigDecimal.valueOf(point.setting()).stripTrailingZeros().toPlainString()
        + " --out DIR";
  }

  /** One word to a shell. */
  private static String quoted(String word) {
    return word.matches("[\\w./:+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** The best site of each concept at each hook point. */
  private static void byHookPoint(Html body, Report report) {
    List<HookPoint> hookPoints = List.copyOf(report.analysis().all().byHookPoint().keySet());
    if (hookPoints.isEmpty()) {
      return;
    }
    body.open("div", "class", "scroll").open("table", "class", "answers");
    body.leaf(
        "caption",
        "Farthest pull at each hook point within the damage budget, nats per token, with its 95 %"
            + " interval");
    List<String> headers = new ArrayList<>(List.of("concept"));
    hookPoints.forEach(hookPoint -> headers.add(hookPoint.word()));
    body.columns(headers);
    for (ConceptFindings of : report.analysis().each()) {
      body.open("tr").leaf("th", of.concept(), "scope", "row");
      for (HookPoint hookPoint : hookPoints) {
        body.open("td");
        best(of, hookPoint, report.budget())
            .ifPresentOrElse(score -> best(body, of.concept(), score), () -> body.text("–"));
        body.close();
      }
      body.close();
    }
    body.close().close().close();
  }

  private static Optional<SiteScore> best(ConceptFindings of, HookPoint at, double budget) {
    return of.byHookPoint().getOrDefault(at, List.of()).stream()
        .filter(score -> score.setting() > 0 && score.pull().n() > 0 && score.damage() <= budget)
        .max(Comparator.comparing(SiteScore::works).thenComparing(score -> score.pull().mean()));
  }

  private static void best(Html body, String concept, SiteScore score) {
    String where = Labels.place(score.site()) + " at " + Numbers.scale(score.setting());
    body.leaf("a", where, "href", Labels.address(concept, score.point()));
    body.text(": " + Labels.effect(score.pull()) + (score.works() ? ", confirmed" : ""));
  }

  /** How many sites x settings came out how, as numbers and as a bar. */
  private static void outcomes(Html body, Analysis analysis) {
    if (analysis.concepts().isEmpty()) {
      return;
    }
    body.open("details").leaf("summary", "Sites x settings by outcome");
    body.open("div", "class", "scroll").open("table", "class", "outcomes").open("thead").open("tr");
    body.leaf("th", "concept", "scope", "col");
    for (Outcome outcome : Outcome.values()) {
      body.leaf("th", outcome.word(), "scope", "col");
    }
    body.leaf("th", "share", "scope", "col", "class", "bar-head");
    body.close().close().open("tbody");
    for (ConceptFindings of : analysis.each()) {
      Map<Outcome, Long> counts = of.counts();
      body.open("tr").leaf("th", of.concept(), "scope", "row");
      for (Outcome outcome : Outcome.values()) {
        body.leaf("td", Numbers.count(counts.getOrDefault(outcome, 0L)));
      }
      body.open("td", "class", "bar-cell").add(bar(counts)).close().close();
    }
    body.close().close().close().close();
  }

  private static Html bar(Map<Outcome, Long> counts) {
    long tried = counts.values().stream().mapToLong(Long::longValue).sum();
    Html bar = new Html().open("span", "class", "bar", "aria-hidden", "true");
    for (Outcome outcome : Outcome.values()) {
      double share = 100.0 * counts.getOrDefault(outcome, 0L) / tried;
      if (share > 0) {
        String width = "width:" + Math.round(share * 10) / 10.0 + "%";
        bar.open("span", "class", outcome.word(), "style", width);
        bar.close();
      }
    }
    return bar.close();
  }

  /** Pull along every concept's axis: whether steering is specific. */
  private static void specificity(Html body, Specificity specificity) {
    if (specificity.rows().isEmpty()) {
      return;
    }
    body.open("details").leaf("summary", "Is steering specific to its concept?");
    body.open("div", "class", "scroll").open("table", "class", "outcomes specific");
    body.leaf(
        "caption", "Pull along every concept’s axis, each concept steered at the site named above");
    List<String> headers = new ArrayList<>(List.of("steered towards \\ pulled towards"));
    headers.addAll(specificity.concepts());
    body.columns(headers);
    for (Specificity.Row row : specificity.rows()) {
      body.open("tr").leaf("th", row.concept(), "scope", "row");
      for (int i = 0; i < row.pulls().size(); i++) {
        Interval pull = row.pulls().get(i);
        boolean own = specificity.concepts().get(i).equals(row.concept());
        String text = pull.n() == 0 ? Numbers.NOTHING : Labels.effect(pull);
        body.leaf("td", text, "class", own ? "own" : "other");
      }
      body.close();
    }
    body.close().close().close().close();
  }
}
