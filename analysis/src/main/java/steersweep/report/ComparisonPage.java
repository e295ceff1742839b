package steersweep.report;

import java.util.ArrayList;
import java.util.List;
import steersweep.result.RunFolder;
import steersweep.score.Comparison;
import steersweep.score.Comparison.Difference;
import steersweep.score.Comparison.Recommended;
import steersweep.score.ConceptFindings;
import steersweep.score.Interval;
import steersweep.score.SettingDifference;
import steersweep.score.SiteScore;
import steersweep.score.TextTest;

/** Two runs compared, in Markdown: to read in a terminal, or to paste into a mail or an issue. */
public final class ComparisonPage {
  /** Sites x settings in the table, the largest changes first. */
  private static final int MOST_ROWS = 20;

  /** Settings in the table; two plans may share nothing. */
  private static final int MOST_SETTINGS = 40;

  private static final int MOST_CHARACTERS = 80;

  private final Comparison comparison;
  private final StringBuilder out = new StringBuilder();

  private ComparisonPage(Comparison comparison) {
    this.comparison = comparison;
  }

  public static String markdown(RunFolder before, RunFolder after, Comparison comparison) {
    ComparisonPage page = new ComparisonPage(comparison);
    page.out.append("# steersweep: two runs compared\n\n");
    page.runs(before, after);
    page.out.append("\n");
    recommended(comparison).forEach(line -> page.out.append("* ").append(md(line)).append("\n"));
    page.out.append("\n");
    page.settings();
    page.effects();
    return page.out.toString();
  }

  private void runs(RunFolder before, RunFolder after) {
    out.append("| | before | after |\n|---|---|---|\n");
    row("run", md(Report.name(before.path())), md(Report.name(after.path())));
    Comparison.Side first = comparison.before();
    Comparison.Side second = comparison.after();
    row("layers", String.valueOf(first.layers()), String.valueOf(second.layers()));
    row("prompt pairs", pairs(first), pairs(second));
    row("sites x settings", points(first), points(second));
    for (ConceptFindings of : first.analysis().concepts()) {
      row(
          md(of.concept()),
          recommendation(of),
          second.analysis().of(of.concept()).map(this::recommendation).orElse(Numbers.NOTHING));
    }
  }

  private static String pairs(Comparison.Side side) {
    return Numbers.count(side.analysis().all().pairs());
  }

  private static String points(Comparison.Side side) {
    return Numbers.count(side.scores().size());
  }

  private void row(String... cells) {
    out.append(Markdown.row(List.of(cells)));
  }

  private String recommendation(ConceptFindings of) {
    SiteScore score = of.recommendation().score();
    TextTest test = of.recommendation().test();
    return !of.recommendation().confirmed() || score == null || test == null
        ? "nothing confirmed"
        : Labels.point(score.point())
            + ", pull "
            + Labels.effect(score.pull())
            + ", evidence "
            + Labels.effect(test.evidence())
            + " on held-out prompts";
  }

  /** What became of the recommended sites, a line each. */
  public static List<String> recommended(Comparison comparison) {
    List<String> lines = new ArrayList<>();
    for (Recommended of : comparison.recommended()) {
      if (of.score() != null) {
        lines.add(of.concept() + ": " + recommended(comparison, of));
      }
    }
    if (lines.isEmpty()) {
      lines.add("The first run recommends nothing, so nothing can have become worse.");
    }
    return lines;
  }

  private static String recommended(Comparison comparison, Recommended of) {
    SiteScore score = of.score();
    Interval change = of.change();
    String site = "the recommended " + (score == null ? "" : Labels.point(score.point()));
    if (change == null) {
      return site + " has no reading in the second run.";
    }
    String by =
        "change of the pull "
            + Labels.effect(change)
            + " nats per token, "
            + change.n()
            + (comparison.sharedPairs() > 0
                ? " prompt pairs that had no say in the choice, "
                : " pulls on different prompts, ")
            + change.clusters()
            + " base prompts";
    return switch (of.fate()) {
      case DAMAGING -> site + " does too much damage in the second run (" + by + ").";
      case WORSE -> site + " is worse in the second run: " + by + ".";
      case BETTER -> site + " is better in the second run: " + by + ".";
      case NOT_CLEARLY_DIFFERENT -> site + " is not clearly different: " + by + ".";
      case NOTHING_RECOMMENDED, MISSING -> throw new IllegalStateException("neither has a change");
    };
  }

  private void settings() {
    List<SettingDifference> settings = comparison.settings();
    out.append("## What differs in the settings\n\n");
    if (settings.isEmpty()) {
      out.append("Nothing.\n\n");
      return;
    }
    out.append("| setting | before | after |\n|---|---|---|\n");
    settings.stream()
        .limit(MOST_SETTINGS)
        .forEach(s -> row(value(s.name()), value(s.before()), value(s.after())));
    out.append("\n");
    if (settings.size() > MOST_SETTINGS) {
      out.append("And ").append(settings.size() - MOST_SETTINGS).append(" more.\n\n");
    }
  }

  private static String value(String value) {
    if (value.isEmpty()) {
      return Numbers.NOTHING;
    }
    return md(value.length() > MOST_CHARACTERS ? value.substring(0, MOST_CHARACTERS) + "…" : value);
  }

  private void effects() {
    out.append("## What differs in the pulls\n\n").append(how()).append("\n\n");
    List<Difference> largest = comparison.largest();
    if (largest.isEmpty()) {
      return;
    }
    out.append(
        "| site | setting | before | after | change | 95 % interval | n | corrected chance | verdict |\n");
    out.append("|---|--:|--:|--:|--:|---|--:|--:|---|\n");
    largest.stream().limit(MOST_ROWS).forEach(this::effect);
    if (largest.size() > MOST_ROWS) {
      out.append("\nThe ")
          .append(MOST_ROWS)
          .append(" largest changes, those within the damage budget first.\n");
    }
  }

  private String how() {
    List<String> sentences = new ArrayList<>();
    int both = comparison.differences().size();
    sentences.add(
        Numbers.count(both)
            + " sites x settings are in both runs, "
            + Numbers.count(comparison.before().scores().size() - both)
            + " in the first only, "
            + Numbers.count(comparison.after().scores().size() - both)
            + " in the second only.");
    if (comparison.before().layers() != comparison.after().layers()) {
      sentences.add("The models differ in depth: the same layer is another place.");
    }
    sentences.add(
        comparison.sharedPairs() > 0
            ? "Changes are over the "
                + comparison.sharedPairs()
                + " prompt pairs that both runs have, intervals clustered by base prompt."
            : "No prompt pair is in both runs: changes are of means over different prompts (Welch).");
    sentences.add(
        comparison.controlled()
            ? "Pulls are minus the random control."
            : "Pulls are without a control: not both runs have one.");
    if (comparison.sharedPairs() > 0) {
      long more = certain(true);
      long less = certain(false);
      sentences.add(
          "Within the damage budget "
              + more
              + " pulls are certainly stronger and "
              + less
              + " weaker in the direction asked for (corrected chance at most 5 %: sign flips of base"
              + " prompts, max-T over all sites and settings).");
    }
    return String.join(" ", sentences);
  }

  private long certain(boolean stronger) {
    return comparison.differences().stream()
        .filter(d -> d.within() && d.certain() && d.asked().mean() > 0 == stronger)
        .count();
  }

  private void effect(Difference difference) {
    String before = Labels.verdict(difference.before());
    String after = Labels.verdict(difference.after());
    row(
        Labels.site(difference.before().site()),
        Numbers.scale(difference.before().setting()),
        Numbers.signed(difference.before().pull().mean()),
        Numbers.signed(difference.after().pull().mean()),
        Numbers.signed(difference.change().mean()),
        Numbers.interval(difference.change()),
        String.valueOf(difference.change().n()),
        Numbers.fixed(difference.corrected(), 3),
        before.equals(after) ? before : before + " → " + after);
  }

  private static String md(String text) {
    return Markdown.escape(text);
  }
}
