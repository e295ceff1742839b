package steersweep.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import steersweep.model.ModelManifest;
import steersweep.model.ModelShape;
import steersweep.result.Factors;
import steersweep.result.Json;
import steersweep.result.Published;
import steersweep.result.RunManifest;
import steersweep.score.Progress;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/** What was run, on what, and what went wrong: enough to run it again. */
final class FactsSection {
  /** Kinds of failure on the page. */
  private static final int MOST_MESSAGES = 20;

  private FactsSection() {}

  static Html html(Report report) {
    Html html = new Html();
    failures(html, report.tables().failed());
    return html.add(html(report.manifest(), facts(report)));
  }

  /**
   * @param facts names and values
   */
  static Html html(RunManifest manifest, Map<String, String> facts) {
    Html html = new Html();
    html.open("div", "class", "scroll").open("table", "class", "facts").open("tbody");
    facts.forEach((name, value) -> fact(html, name, value));
    html.close().close().close();
    html.open("details")
        .leaf(
            "summary",
            manifest.published() == null
                ? "The effective plan"
                : "The same grid as a plan; how many tokens were generated is not known");
    html.open("pre");
    // Line by line: the escaping would make its line ends visible.
    Json.shown(manifest.plan()).lines().forEach(line -> html.text(line).line());
    return html.close().close();
  }

  /** Names and values, not escaped. */
  static Map<String, String> facts(Report report) {
    Map<String, String> facts =
        facts(report.runName(), report.manifest(), report.tables().progress());
    Factors factors = report.factors();
    if (!factors.all().isEmpty()) {
      facts.put(
          "factors",
          String.format(
              Locale.ROOT,
              "%s found, %s out of reach; %.1f passes along the base prompts for each that was found",
              Numbers.count(factors.solved()),
              Numbers.count(factors.outOfReach()),
              factors.passes()));
    }
    return facts;
  }

  static Map<String, String> facts(String runName, RunManifest manifest, Progress progress) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("run", runName);
    facts.put("created", manifest.created());
    facts.put("plan file", manifest.planFile());
    facts.put(
        "flags instead of the plan file",
        manifest.flags().entrySet().stream()
            .map(flag -> flag.getKey() + " " + flag.getValue())
            .collect(Collectors.joining(", ")));
    model(facts, manifest.model());
    published(facts, manifest.published());
    facts.put("device", manifest.device());
    facts.put("position rule", manifest.plan().positions().word());
    if (manifest.published() == null) {
      facts.put(
          "new tokens",
          manifest.plan().newTokens()
              + (manifest.plan().stopAtEos() ? ", stops at end of text" : ""));
    }
    facts.put("cells", counts(progress));
    facts.put("units", manifest.units() + " of at most " + manifest.unitCells() + " cells");
    facts.put("run key", manifest.key());
    new TreeMap<>(manifest.versions())
        .forEach((name, version) -> facts.put("version of " + name, version));
    facts.values().removeIf(String::isEmpty);
    return facts;
  }

  private static void model(Map<String, String> facts, @Nullable ModelManifest model) {
    if (model == null) {
      return;
    }
    facts.put(
        "model", model.modelType() + " " + shape(model.shape()) + ", " + model.dtype().word());
    facts.put("checkpoint", model.checkpoint());
    facts.put("model fingerprint", model.fingerprint());
    facts.put("assumed, not in config.json", String.join(", ", model.defaulted()));
    facts.put("exporter, opset", model.exporter() + ", " + model.opset());
  }

  private static void published(Map<String, String> facts, @Nullable Published published) {
    if (published == null) {
      return;
    }
    facts.put("published results", published.file() + ", " + published.rows() + " rows");
    facts.put("hash of the file", "sha256:" + published.sha256());
    facts.put("baseline", published.baseline());
    facts.put(
        "texts without the base prompt",
        published.withoutBasePrompt() + " of " + published.rows() + ", taken whole");
    facts.put("not scored without the model", "pull, evidence, fluency, damage, doses");
  }

  private static String counts(Progress progress) {
    return VerdictText.state(progress)
        + ", "
        + progress.failed()
        + " failed, "
        + progress.outOfReach()
        + " out of reach, "
        + progress.skipped()
        + " not run beyond incoherent texts, "
        + progress.unscored()
        + " not scored";
  }

  private static String shape(ModelShape shape) {
    return shape.nLayers()
        + " layers, "
        + shape.nHeads()
        + " heads, "
        + shape.nKvHeads()
        + " KV heads, width "
        + shape.dModel();
  }

  private static void fact(Html html, String name, String value) {
    html.open("tr").leaf("th", name, "scope", "row").leaf("td", value).close();
  }

  private static void failures(Html html, Table failed) {
    if (failed.isEmpty()) {
      return;
    }
    Map<String, Integer> messages = new LinkedHashMap<>();
    for (Row row : failed) {
      messages.merge(row.getString("message"), 1, Integer::sum);
    }
    html.leaf("h3", "Failed cells").open("div", "class", "scroll").open("table", "class", "facts");
    html.open("tbody");
    messages.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(MOST_MESSAGES)
        .forEach(
            entry ->
                html.open("tr")
                    .leaf("th", entry.getValue() + " cells", "scope", "row")
                    .leaf("td", entry.getKey().isEmpty() ? "(no message)" : entry.getKey())
                    .close());
    html.close().close().close();
  }
}
