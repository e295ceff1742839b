package steersweep.report;

import java.util.ArrayList;
import java.util.List;
import steersweep.result.RunFolder;
import steersweep.score.Comparison;
import steersweep.score.Comparison.Difference;
import steersweep.score.Comparison.Recommended;
import steersweep.score.Findings;
import steersweep.score.Interval;
import steersweep.score.Outcome;
import steersweep.score.Recommendation;
import steersweep.score.SettingDifference;
import steersweep.score.SiteScore;

/** Two runs compared, in Markdown: to read in a terminal, or to paste into a mail or an issue. */
public final class ComparisonPage {
  /** Sites x scales in the table, the largest changes first. */
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
    page.out.append("\n**").append(recommended(comparison)).append("**\n\n");
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
    row("prompt pairs", Numbers.count(first.pairs()), Numbers.count(second.pairs()));
    row("sites x scales", Numbers.count(first.points()), Numbers.count(second.points()));
    row("works", works(first.findings()), works(second.findings()));
    row("recommended", recommendation(first.findings()), recommendation(second.findings()));
  }

  private void row(String... cells) {
    out.append(Markdown.row(List.of(cells)));
  }

  private static String works(Findings findings) {
    return findings.count(Outcome.WORKS) + " of " + findings.tried();
  }

  private static String recommendation(Findings findings) {
    Recommendation recommendation = findings.recommendation();
    SiteScore score = recommendation.score();
    Interval heldOut = recommendation.heldOut();
    if (!recommendation.confirmed() || score == null || heldOut == null) {
      return "nothing";
    }
    return Labels.siteAndScale(score)
        + ", effect "
        + Labels.effect(heldOut)
        + " on held-out prompts";
  }

  /** What became of the recommended site, in a sentence or two. */
  public static String recommended(Comparison comparison) {
    Recommended recommended = comparison.recommended();
    SiteScore score = recommended.score();
    Interval change = recommended.change();
    if (score == null) {
      return "The first run recommends nothing, so nothing can have become worse.";
    }
    String site = "The recommended " + Labels.siteAndScale(score);
    if (change == null) {
      return site + " has no score in the second run.";
    }
    String by =
        "change of the effect "
            + Labels.effect(change)
            + " nats per token, "
            + change.n()
            + (comparison.sharedPairs() > 0
                ? " prompt pairs that had no say in the choice, "
                : " effects on different prompts, ")
            + change.clusters()
            + " base prompts";
    return switch (recommended.fate()) {
      case INCOHERENT -> site + " makes incoherent texts in the second run (" + by + ").";
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
    out.append("## What differs in the effects\n\n").append(how()).append("\n\n");
    List<Difference> largest = comparison.largest();
    if (largest.isEmpty()) {
      return;
    }
    out.append(
        "| site | scale | before | after | change | 95 % interval | n | corrected chance | verdict |\n");
    out.append("|---|--:|--:|--:|--:|---|--:|--:|---|\n");
    largest.stream().limit(MOST_ROWS).forEach(this::effect);
    if (largest.size() > MOST_ROWS) {
      out.append("\nThe ").append(MOST_ROWS).append(" largest changes, coherent ones first.\n");
    }
  }

  private String how() {
    List<String> sentences = new ArrayList<>();
    int both = comparison.differences().size();
    sentences.add(
        Numbers.count(both)
            + " sites x scales are in both runs, "
            + Numbers.count(comparison.before().points() - both)
            + " in the first only, "
            + Numbers.count(comparison.after().points() - both)
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
            ? "Effects are minus the random control."
            : "Effects are against the baseline: not both runs have a random control.");
    if (comparison.sharedPairs() > 0) {
      long more = certain(true);
      long less = certain(false);
      sentences.add(
          "Among the coherent ones "
              + more
              + " effects are certainly stronger and "
              + less
              + " weaker in the direction asked for (corrected chance at most 5 %: sign flips of base"
              + " prompts, max-T over all sites and scales).");
    }
    return String.join(" ", sentences);
  }

  private long certain(boolean stronger) {
    return comparison.differences().stream()
        .filter(d -> d.coherent() && d.certain() && d.asked().mean() > 0 == stronger)
        .count();
  }

  private void effect(Difference difference) {
    String before = Labels.verdict(difference.before());
    String after = Labels.verdict(difference.after());
    row(
        Labels.site(difference.before().site()),
        Numbers.scale(difference.before().scale()),
        Numbers.signed(difference.before().meanEffect()),
        Numbers.signed(difference.after().meanEffect()),
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
