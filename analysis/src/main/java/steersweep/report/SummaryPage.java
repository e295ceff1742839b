package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import steersweep.model.HookPoint;
import steersweep.score.Claim;
import steersweep.score.Findings;
import steersweep.score.Interval;
import steersweep.score.Outcome;
import steersweep.score.SiteScore;

/** {@code summary.md}: the report's essence, to be pasted into a mail or an issue. */
final class SummaryPage {
  /** Rows of best sites for each hook point. */
  private static final int BEST_SITES = 3;

  private SummaryPage() {}

  static String markdown(Report report, VerdictText verdict) {
    StringBuilder out = new StringBuilder();
    out.append("# steersweep: ").append(md(report.manifest().plan().name())).append("\n\n");
    out.append("**").append(verdict.headline()).append("**");
    out.append(' ').append(verdict.evidence()).append("\n\n");
    Stream.concat(verdict.remarks().stream(), verdict.counts().stream())
        .forEach(remark -> out.append("* ").append(remark).append("\n"));
    out.append("\n");
    verdict.warnings().forEach(warning -> out.append("> ").append(warning).append("\n>\n"));
    out.append("\n");
    claims(out, report.findings().claims());
    bestSites(out, report);
    report.findings().best().ifPresent(best -> concepts(out, report, best));
    maps(out, report.scores());
    texts(out, report);
    out.append(Template.filled("reading.md", ReportPage.thresholds()));
    facts(out, report);
    return out.toString();
  }

  private static void claims(StringBuilder out, List<Claim> claims) {
    if (claims.isEmpty()) {
      return;
    }
    out.append("## The five claims of the 2023 work\n\n");
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

  private static void bestSites(StringBuilder out, Report report) {
    if (report.findings().hookPoints().isEmpty()) {
      return;
    }
    out.append("## Best sites at each hook point (positive scales)\n\n");
    out.append(
        "| site | scale | effect | 95 % interval | p, whole grid | fluency | changed | n | verdict |\n");
    out.append("|---|--:|--:|---|--:|--:|--:|--:|---|\n");
    for (Findings.AtHookPoint at : report.findings().hookPoints()) {
      report.scores().stream()
          .filter(score -> score.site().hookPoint() == at.hookPoint() && score.scale() > 0)
          .sorted(
              Comparator.comparing(SiteScore::works)
                  .thenComparing(score -> !score.is(Outcome.INCOHERENT))
                  .thenComparing(SiteScore::meanEffect)
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
            Numbers.scale(score.scale()),
            Numbers.signed(score.meanEffect()),
            Numbers.interval(score.effect()),
            Numbers.chance(score.corrected()),
            Numbers.signed(score.fluency()),
            Numbers.percent(score.changed()),
            String.valueOf(score.n()),
            Labels.verdict(score)));
  }

  private static void concepts(StringBuilder out, Report report, SiteScore best) {
    out.append("## The best site, concept by concept\n\nEffects against the baseline.\n\n");
    out.append(Markdown.row(ConceptRows.HEADERS));
    out.append("|---|--:|--:|---|--:|--:|--:|\n");
    for (List<String> row : ConceptRows.of(report.tables().rows(best))) {
      List<String> cells = new ArrayList<>(row);
      cells.set(0, md(row.get(0)));
      out.append(Markdown.row(cells));
    }
    out.append("\n");
  }

  private static void maps(StringBuilder out, List<SiteScore> scores) {
    for (HookPoint hookPoint : HookPoint.values()) {
      List<SiteScore> whole =
          scores.stream()
              .filter(score -> score.site().hookPoint() == hookPoint && score.site().allHeads())
              .toList();
      if (!whole.isEmpty()) {
        map(out, hookPoint, whole);
      }
    }
  }

  private static void map(StringBuilder out, HookPoint hookPoint, List<SiteScore> whole) {
    List<Double> scales = whole.stream().map(SiteScore::scale).distinct().sorted().toList();
    String heads = hookPoint.hasHeads() ? ", all heads" : "";
    out.append("## Effect at ").append(hookPoint.word() + heads).append("\n\n");
    out.append("Bold works, struck out is incoherent.\n\n");
    List<String> header = new ArrayList<>(List.of("layer / scale"));
    scales.forEach(scale -> header.add(Numbers.scale(scale)));
    out.append(Markdown.row(header))
        .append("|--:|")
        .append("--:|".repeat(scales.size()))
        .append("\n");
    for (int layer : whole.stream().map(s -> s.site().layer()).distinct().sorted().toList()) {
      List<String> row = new ArrayList<>(List.of(String.valueOf(layer)));
      for (double scale : scales) {
        row.add(
            whole.stream()
                .filter(score -> score.site().layer() == layer && score.scale() == scale)
                .findFirst()
                .map(SummaryPage::effect)
                .orElse(Numbers.NOTHING));
      }
      out.append(Markdown.row(row));
    }
    out.append("\n");
  }

  private static String effect(SiteScore score) {
    String number = Numbers.signed(score.meanEffect());
    return switch (score.verdict().outcome()) {
      case WORKS -> "**" + number + "**";
      case INCOHERENT -> "~~" + number + "~~";
      case UNCLEAR, NEGLIGIBLE -> number;
    };
  }

  private static void texts(StringBuilder out, Report report) {
    if (report.examples().isEmpty()) {
      return;
    }
    out.append("## Texts\n\nThe prompt pair with the middle effect of each concept.\n\n");
    for (TextExample example : report.examples()) {
      out.append("**").append(md(example.concept())).append("**: base prompt “");
      out.append(md(example.basePrompt())).append("”, steering prompt “");
      out.append(md(example.steeringPrompt())).append("”\n\n");
      out.append("| | where | text | effect | fluency |\n|---|---|---|--:|--:|\n");
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
            Numbers.signed(version.effect()),
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
