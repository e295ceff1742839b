package steersweep.report;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import steersweep.model.ModelManifest;
import steersweep.model.ModelShape;
import steersweep.result.RunManifest;
import steersweep.score.Analysis;
import steersweep.score.ConceptFindings;
import steersweep.score.Interval;
import steersweep.score.Outcome;
import steersweep.score.Progress;
import steersweep.score.Specificity;

/** The top of the page: what was run, what came out for each concept, how far to believe it. */
final class VerdictSection {
  private VerdictSection() {}

  static void add(Html body, Report report, VerdictText verdict) {
    header(body, report);
    Analysis analysis = report.analysis();
    boolean works = verdict.concepts().stream().anyMatch(ConceptLine::works);
    body.open("section", "id", "verdict", "class", works ? "verdict" : "verdict nothing");
    body.leaf("p", "In one minute", "class", "kicker").leaf("h2", verdict.headline());
    concepts(body, verdict.concepts());
    if (!verdict.remarks().isEmpty()) {
      body.open("dl", "class", "remarks");
      for (VerdictText.Remark remark : verdict.remarks()) {
        body.open("div").leaf("dt", remark.about()).leaf("dd", remark.text()).close();
      }
      body.close();
    }
    verdict.warnings().forEach(warning -> body.leaf("p", warning, "class", "warning"));
    next(body, report.next());
    outcomes(body, analysis);
    specificity(body, analysis.specificity());
    body.close();
  }

  private static void next(Html body, List<String> steps) {
    if (!steps.isEmpty()) {
      body.leaf("h3", "Settings to try next").open("ul", "class", "next");
      steps.forEach(step -> body.leaf("li", step));
      body.close();
    }
  }

  private static void header(Html body, Report report) {
    RunManifest manifest = report.manifest();
    Progress progress = report.tables().progress();
    ConceptFindings all = report.analysis().all();
    body.open("header").leaf("p", "steersweep report", "class", "kicker");
    body.leaf("h1", manifest.plan().name()).leaf("p", report.runName(), "class", "run");
    body.open("dl", "class", "key-facts");
    fact(body, "Model", model(manifest.model()));
    fact(body, "Cells", VerdictText.state(progress));
    fact(body, "Prompt pairs", all.pairs() + " on " + all.basePrompts() + " base prompts");
    fact(body, "Position rule", manifest.plan().positions().word());
    fact(body, "Created", manifest.created());
    body.close().close();
  }

  private static String model(@Nullable ModelManifest model) {
    if (model == null) {
      return "not at hand: published results";
    }
    ModelShape shape = model.shape();
    Path folder = Path.of(model.checkpoint()).getFileName();
    return (folder == null ? model.modelType() : folder.toString())
        + " ("
        + model.modelType()
        + ", "
        + shape.nLayers()
        + " layers, "
        + shape.nHeads()
        + " heads)";
  }

  private static void fact(Html body, String name, String value) {
    body.open("div").leaf("dt", name).leaf("dd", value).close();
  }

  private static void concepts(Html body, List<ConceptLine> lines) {
    if (lines.isEmpty()) {
      return;
    }
    body.open("div", "class", "scroll").open("table", "class", "answers");
    body.open("thead").open("tr");
    for (String header :
        List.of(
            "concept",
            "answer",
            "site and setting",
            "pull",
            "evidence of held-out texts, nats",
            "recognised",
            "coherent",
            "damage")) {
      body.leaf("th", header, "scope", "col");
    }
    body.close().close().open("tbody");
    for (ConceptLine line : lines) {
      body.open("tr", "class", line.works() ? "works" : "open");
      body.leaf("th", line.concept(), "scope", "row");
      for (String cell :
          List.of(
              line.verdict(),
              line.where(),
              line.share(),
              line.evidence(),
              line.recognised(),
              line.coherent(),
              line.damage())) {
        body.leaf("td", cell);
      }
      body.close();
    }
    body.close().close().close();
  }

  /** How many sites x settings came out how, as numbers and as a bar. */
  private static void outcomes(Html body, Analysis analysis) {
    if (analysis.concepts().isEmpty()) {
      return;
    }
    body.open("div", "class", "scroll").open("table", "class", "outcomes");
    body.leaf("caption", "Sites x settings by outcome").open("thead").open("tr");
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
    body.close().close().close();
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
    body.open("div", "class", "scroll").open("table", "class", "outcomes specific");
    body.leaf(
            "caption",
            "Pull along every concept’s axis, each concept steered at the site named above")
        .open("thead")
        .open("tr");
    body.leaf("th", "steered towards \\ pulled towards", "scope", "col");
    specificity.concepts().forEach(concept -> body.leaf("th", concept, "scope", "col"));
    body.close().close().open("tbody");
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
    body.close().close().close();
  }
}
