package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.score.Claim;
import steersweep.score.ConceptFindings;
import steersweep.score.Interval;
import steersweep.score.SiteScore;
import steersweep.score.Specificity;

/** {@code summary.md}: the report's essence, to be pasted into a mail or an issue. */
final class SummaryPage {
  /** Rows of best sites for each concept and hook point. */
  private static final int BEST_SITES = 3;

  private SummaryPage() {}

  static String markdown(Report report, VerdictText verdict) {
    StringBuilder out = new StringBuilder();
    out.append("# steersweep: ").append(md(report.manifest().plan().name())).append("\n\n");
    out.append("**").append(md(verdict.headline())).append("**\n\n");
    concepts(out, verdict.concepts());
    verdict
        .remarks()
        .forEach(remark -> out.append("* ").append(md(remark.toString())).append("\n"));
    out.append("\n");
    verdict.warnings().forEach(warning -> out.append("> ").append(md(warning)).append("\n>\n"));
    out.append("\n");
    next(out, report.next());
    specificity(out, report.analysis().specificity());
    report
        .pairs()
        .forEach(of -> out.append("* ").append(md(PairCurves.foretold(of))).append("\n\n"));
    report.analysis().concepts().forEach(of -> bestSites(out, of));
    claims(out, report.analysis().all().claims());
    maps(out, report);
    texts(out, report);
    out.append(Template.filled("reading.md", report.thresholds()));
    facts(out, report);
    return out.toString();
  }

  private static void concepts(StringBuilder out, List<ConceptLine> lines) {
    if (lines.isEmpty()) {
      return;
    }
    out.append(
        "| concept | answer | site and setting | pull | evidence of held-out texts, nats | recognised"
            + " | coherent | damage |\n|---|---|---|---|---|---|--:|--:|\n");
    for (ConceptLine line : lines) {
      out.append(
          Markdown.row(
              List.of(
                  md(line.concept()),
                  line.verdict(),
                  line.where(),
                  line.share(),
                  line.evidence(),
                  line.recognised(),
                  line.coherent(),
                  line.damage())));
    }
    out.append("\n");
  }

  private static void next(StringBuilder out, List<String> steps) {
    if (!steps.isEmpty()) {
      out.append("## Settings to try next\n\n");
      steps.forEach(step -> out.append("* ").append(md(step)).append("\n"));
      out.append("\n");
    }
  }

  private static void specificity(StringBuilder out, Specificity specificity) {
    if (specificity.rows().isEmpty()) {
      return;
    }
    out.append("## Pull along every concept's axis\n\n");
    List<String> header = new ArrayList<>(List.of("steered towards / pulled towards"));
    specificity.concepts().forEach(concept -> header.add(md(concept)));
    out.append(Markdown.row(header)).append("|---|");
    out.append("--:|".repeat(specificity.concepts().size())).append("\n");
    for (Specificity.Row row : specificity.rows()) {
      List<String> cells = new ArrayList<>(List.of(md(row.concept())));
      row.pulls().forEach(pull -> cells.add(number(pull)));
      out.append(Markdown.row(cells));
    }
    out.append("\n");
  }

  private static void claims(StringBuilder out, List<Claim> claims) {
    if (claims.isEmpty()) {
      return;
    }
    out.append("## " + ClaimsSection.title(claims) + "\n\n");
    out.append("| claim | here | why | numbers |\n|---|---|---|---|\n");
    for (Claim claim : claims) {
      String numbers =
          claim.evidence().stream()
              .map(of -> of.what() + " " + number(of.value()))
              .collect(Collectors.joining("; "));
      out.append(
          Markdown.row(
              List.of(
                  claim.statement(),
                  "**" + claim.judgement().words() + "**",
                  claim.reason(),
                  md(numbers))));
    }
    out.append("\n");
  }

  private static String number(Interval value) {
    return value.known() ? Labels.effect(value) : Numbers.signed(value.mean());
  }

  private static void bestSites(StringBuilder out, ConceptFindings of) {
    if (of.scores().isEmpty()) {
      return;
    }
    out.append("## Largest pulls: ").append(md(of.concept())).append("\n\n");
    out.append(
        "| site | setting | pull | 95 % interval | specificity | damage | evidence | coherent | n |"
            + " verdict |\n|---|--:|--:|---|--:|--:|--:|--:|--:|---|\n");
    for (List<SiteScore> scores : of.byHookPoint().values()) {
      scores.stream()
          .filter(score -> score.setting() > 0)
          .sorted(
              Comparator.comparing(SiteScore::works)
                  .thenComparing(score -> !score.verdict().outcome().word().equals("damaging"))
                  .thenComparing(score -> score.pull().mean())
                  .reversed())
          .limit(BEST_SITES)
          .forEach(score -> out.append(row(score)));
    }
    out.append("\n");
  }

  private static String row(SiteScore score) {
    return Markdown.row(
        List.of(
            Labels.site(score.site()),
            Numbers.scale(score.setting()),
            Numbers.signed(score.pull().mean()),
            Numbers.interval(score.pull()),
            Numbers.signed(score.specificity().mean()),
            Numbers.fixed(score.damage(), 2),
            Numbers.signed(score.of(Measure.EVIDENCE).net().mean()),
            Numbers.percent(score.of(Measure.COHERENT).net().mean()),
            String.valueOf(score.pairs()),
            Labels.verdict(score)));
  }

  private static void maps(StringBuilder out, Report report) {
    for (ConceptFindings of : report.analysis().each()) {
      of.byHookPoint()
          .forEach(
              (hookPoint, scores) -> {
                List<SiteScore> whole = scores.stream().filter(s -> s.site().allHeads()).toList();
                if (!whole.isEmpty()) {
                  map(out, of.concept(), hookPoint, whole);
                }
              });
    }
  }

  private static void map(
      StringBuilder out, String concept, HookPoint hookPoint, List<SiteScore> whole) {
    List<Double> settings = whole.stream().map(SiteScore::setting).distinct().sorted().toList();
    String heads = hookPoint.hasHeads() ? ", all heads" : "";
    out.append("## Pull at ").append(hookPoint.word()).append(heads).append(": ");
    out.append(md(concept)).append("\n\n");
    out.append("Bold works (confirmed by texts), struck out is damaging.\n\n");
    List<String> header = new ArrayList<>(List.of("layer / setting"));
    settings.forEach(setting -> header.add(Numbers.scale(setting)));
    out.append(Markdown.row(header))
        .append("|--:|")
        .append("--:|".repeat(settings.size()))
        .append("\n");
    for (int layer : whole.stream().map(s -> s.site().layer()).distinct().sorted().toList()) {
      List<String> row = new ArrayList<>(List.of(String.valueOf(layer)));
      for (double setting : settings) {
        row.add(
            whole.stream()
                .filter(score -> score.site().layer() == layer && score.setting() == setting)
                .findFirst()
                .map(SummaryPage::pull)
                .orElse(Numbers.NOTHING));
      }
      out.append(Markdown.row(row));
    }
    out.append("\n");
  }

  private static String pull(SiteScore score) {
    String number = Numbers.signed(score.pull().mean());
    return switch (score.verdict().outcome()) {
      case WORKS -> "**" + number + "**";
      case DAMAGING -> "~~" + number + "~~";
      case PULLS, UNCLEAR, NEGLIGIBLE -> number;
    };
  }

  private static void texts(StringBuilder out, Report report) {
    if (report.examples().isEmpty()) {
      return;
    }
    out.append("## Texts\n\nThe prompt pair with the middle evidence of each concept.\n\n");
    for (TextExample example : report.examples()) {
      out.append("**").append(md(example.concept())).append("**: base prompt “");
      out.append(md(example.basePrompt())).append("”, steering prompt “");
      out.append(md(example.steeringPrompt())).append("”\n\n");
      out.append("| | where | text | evidence | fluency |\n|---|---|---|--:|--:|\n");
      out.append(Markdown.row(List.of("baseline", "unsteered", md(example.baseline()), "", "")));
      example.versions().forEach(version -> out.append(row(version)));
      out.append("\n");
    }
  }

  private static String row(TextExample.Version version) {
    return Markdown.row(
        List.of(
            version.role(),
            version.where(),
            md(version.text()),
            Numbers.signed(version.evidence()),
            Numbers.signed(version.fluency())));
  }

  private static void facts(StringBuilder out, Report report) {
    out.append("\n## Run facts\n\n| | |\n|---|---|\n");
    for (Map.Entry<String, String> fact : FactsSection.facts(report).entrySet()) {
      out.append(Markdown.row(List.of(fact.getKey(), md(fact.getValue()))));
    }
  }

  private static String md(String text) {
    return Markdown.escape(text);
  }
}
