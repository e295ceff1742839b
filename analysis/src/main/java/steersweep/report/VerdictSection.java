package steersweep.report;

import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.model.ModelManifest;
import steersweep.model.ModelShape;
import steersweep.result.RunManifest;
import steersweep.score.Findings;
import steersweep.score.Outcome;
import steersweep.score.Progress;
import steersweep.score.SiteScore;

/** The top of the page: what was run, what came out, and how far to believe it. */
final class VerdictSection {
  private VerdictSection() {}

  static void add(Html body, Report report, VerdictText verdict) {
    header(body, report);
    boolean works = report.findings().best().isPresent();
    body.open("section", "id", "verdict", "class", works ? "verdict" : "verdict nothing");
    body.leaf("p", "In one minute", "class", "kicker").leaf("h2", verdict.headline());
    if (!verdict.evidence().isEmpty()) {
      body.leaf("p", verdict.evidence());
    }
    if (!verdict.remarks().isEmpty()) {
      body.open("dl", "class", "remarks");
      for (VerdictText.Remark remark : verdict.remarks()) {
        body.open("div").leaf("dt", remark.about()).leaf("dd", remark.text()).close();
      }
      body.close();
    }
    verdict.warnings().forEach(warning -> body.leaf("p", warning, "class", "warning"));
    outcomes(body, report.findings());
    report.findings().best().ifPresent(best -> concepts(body, report, best));
    body.close();
  }

  private static void header(Html body, Report report) {
    RunManifest manifest = report.manifest();
    Progress progress = report.tables().progress();
    body.open("header").leaf("p", "steersweep report", "class", "kicker");
    body.leaf("h1", manifest.plan().name()).leaf("p", report.runName(), "class", "run");
    body.open("dl", "class", "key-facts");
    fact(body, "Model", model(manifest.model()));
    fact(
        body,
        "Cells finished",
        Numbers.count(progress.finished()) + " of " + Numbers.count(progress.planned()));
    fact(
        body,
        "Prompt pairs",
        report.findings().pairs() + " on " + report.findings().basePrompts() + " base prompts");
    fact(body, "Position rule", manifest.plan().positions().word());
    fact(body, "Created", manifest.created());
    body.close().close();
  }

  private static String model(@Nullable ModelManifest model) {
    if (model == null) {
      return "not at hand: published results";
    }
    ModelShape shape = model.shape();
    return model.modelType()
        + ", "
        + shape.nLayers()
        + " layers, "
        + shape.nHeads()
        + " heads ("
        + shape.nKvHeads()
        + " KV)";
  }

  private static void fact(Html body, String name, String value) {
    body.open("div").leaf("dt", name).leaf("dd", value).close();
  }

  /** How many sites x scales came out how, as numbers and as a bar. */
  private static void outcomes(Html body, Findings findings) {
    if (findings.hookPoints().isEmpty()) {
      return;
    }
    body.open("div", "class", "scroll").open("table", "class", "outcomes");
    body.leaf("caption", "Sites x scales by outcome").open("thead").open("tr");
    body.leaf("th", "hook point", "scope", "col");
    for (Outcome outcome : Outcome.values()) {
      body.leaf("th", outcome.word(), "scope", "col");
    }
    body.leaf("th", "share", "scope", "col", "class", "bar-head");
    body.leaf("th", "largest that works", "scope", "col", "class", "bar-head");
    body.close().close().open("tbody");
    for (Findings.AtHookPoint at : findings.hookPoints()) {
      body.open("tr").leaf("th", at.hookPoint().word(), "scope", "row");
      for (Outcome outcome : Outcome.values()) {
        body.leaf("td", Numbers.count(at.count(outcome)));
      }
      body.open("td", "class", "bar-cell").add(bar(at)).close();
      body.leaf("td", largest(at), "class", "bar-cell").close();
    }
    body.close().close().close();
  }

  private static String largest(Findings.AtHookPoint at) {
    SiteScore best = at.best();
    return best == null
        ? "nothing"
        : Labels.place(best.site())
            + ", scale "
            + Numbers.scale(best.scale())
            + ": "
            + Numbers.signed(best.meanEffect());
  }

  private static Html bar(Findings.AtHookPoint at) {
    Html bar = new Html().open("span", "class", "bar", "aria-hidden", "true");
    for (Outcome outcome : Outcome.values()) {
      double share = 100.0 * at.count(outcome) / at.tried();
      if (share > 0) {
        bar.open(
            "span",
            "class",
            outcome.word(),
            "style",
            "width:" + Math.round(share * 10) / 10.0 + "%");
        bar.close();
      }
    }
    return bar.close();
  }

  /** The best site, concept by concept: a mean may rest on one of them. */
  private static void concepts(Html body, Report report, SiteScore best) {
    List<List<String>> rows = ConceptRows.of(report.tables().rows(best));
    if (rows.size() < 2) {
      return;
    }
    body.open("div", "class", "scroll").open("table", "class", "concepts");
    body.leaf(
            "caption", "The best site and scale, concept by concept (effect against the baseline)")
        .open("thead")
        .open("tr");
    ConceptRows.HEADERS.forEach(header -> body.leaf("th", header, "scope", "col"));
    body.close().close().open("tbody");
    for (List<String> row : rows) {
      body.open("tr").leaf("th", row.get(0), "scope", "row");
      row.subList(1, row.size()).forEach(cell -> body.leaf("td", cell));
      body.close();
    }
    body.close().close().close();
  }
}
