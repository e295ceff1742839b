package steersweep.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import steersweep.result.RunFolder;
import steersweep.score.Comparison;
import steersweep.score.Comparison.Difference;
import steersweep.score.Comparison.Recommended;
import steersweep.score.Comparison.TextPair;
import steersweep.score.ConceptFindings;
import steersweep.score.Interval;
import steersweep.score.SettingDifference;
import steersweep.score.SiteScore;
import steersweep.score.TextTest;

/** Two runs compared: Markdown for a terminal, a mail or an issue, or a page of its own. */
public final class ComparisonPage {
  /** Sites x settings in the table, the largest changes first. */
  private static final int MOST_ROWS = 20;

  /** Settings in the table; two plans may share nothing. */
  private static final int MOST_SETTINGS = 40;

  private static final int MOST_CHARACTERS = 80;

  private final Comparison comparison;
  private final Document page = new Document("steersweep: two runs compared");

  private ComparisonPage(Comparison comparison) {
    this.comparison = comparison;
  }

  public static String markdown(RunFolder before, RunFolder after, Comparison comparison) {
    return of(before, after, comparison).markdown();
  }

  /** The same as a page of its own, without network. */
  public static String html(RunFolder before, RunFolder after, Comparison comparison) {
    return of(before, after, comparison).html();
  }

  private static Document of(RunFolder before, RunFolder after, Comparison comparison) {
    ComparisonPage page = new ComparisonPage(comparison);
    page.runs(before, after);
    page.page.points(recommended(comparison));
    page.settings();
    page.effects();
    page.texts();
    return page.page;
  }

  private void runs(RunFolder before, RunFolder after) {
    Comparison.Side first = comparison.before();
    Comparison.Side second = comparison.after();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("run", Report.name(before.path()), Report.name(after.path())));
    rows.add(List.of("layers", String.valueOf(first.layers()), String.valueOf(second.layers())));
    rows.add(List.of("settings are", kind(first), kind(second)));
    rows.add(List.of("prompt pairs", pairs(first), pairs(second)));
    rows.add(List.of("sites x settings", points(first), points(second)));
    for (ConceptFindings of : first.analysis().concepts()) {
      rows.add(
          List.of(
              of.concept(),
              recommendation(of),
              second
                  .analysis()
                  .of(of.concept())
                  .map(this::recommendation)
                  .orElse(Numbers.NOTHING)));
    }
    page.table(List.of("", "before", "after"), Set.of(), rows);
  }

  private static String kind(Comparison.Side side) {
    return switch (side.dose()) {
      case RAW -> "factors";
      case RELATIVE -> "shares of the activation's size";
      case KL -> "damages";
    };
  }

  private static String pairs(Comparison.Side side) {
    return Numbers.count(side.analysis().all().pairs());
  }

  private static String points(Comparison.Side side) {
    return Numbers.count(side.scores().size());
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
      return site
          + (comparison.sameKind()
              ? " has no reading in the second run."
              : " has no counterpart: the second run's settings are "
                  + kind(comparison.after())
                  + ", not "
                  + kind(comparison.before())
                  + ".");
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
    page.heading("What differs in the settings");
    if (settings.isEmpty()) {
      page.sentence("Nothing.");
      return;
    }
    page.table(
        List.of("setting", "before", "after"),
        Set.of(),
        settings.stream()
            .limit(MOST_SETTINGS)
            .map(s -> List.of(value(s.name()), value(s.before()), value(s.after())))
            .toList());
    if (settings.size() > MOST_SETTINGS) {
      page.sentence("And " + (settings.size() - MOST_SETTINGS) + " more.");
    }
  }

  private static String value(String value) {
    if (value.isEmpty()) {
      return Numbers.NOTHING;
    }
    return value.length() > MOST_CHARACTERS ? value.substring(0, MOST_CHARACTERS) + "…" : value;
  }

  private void effects() {
    page.heading("What differs in the pulls").sentence(how());
    List<Difference> largest = comparison.largest();
    if (largest.isEmpty()) {
      return;
    }
    page.table(
        List.of(
            "site",
            "setting",
            "before",
            "after",
            "change",
            "95 % interval",
            "n",
            "corrected chance",
            "verdict"),
        Set.of(1, 2, 3, 4, 6, 7),
        largest.stream().limit(MOST_ROWS).map(ComparisonPage::effect).toList());
    if (largest.size() > MOST_ROWS) {
      page.sentence("The " + MOST_ROWS + " largest changes, those within the damage budget first.");
    }
  }

  private void texts() {
    List<TextPair> texts = comparison.texts();
    if (texts.isEmpty()) {
      return;
    }
    page.heading("Texts at the first run's best sites");
    texts.stream()
        .collect(Collectors.groupingBy(TextPair::concept, LinkedHashMap::new, Collectors.toList()))
        .forEach(
            (concept, pairs) ->
                page.sentence(concept + ", " + Labels.point(pairs.get(0).point()))
                    .table(
                        List.of("base prompt", "before", "after"),
                        Set.of(),
                        pairs.stream()
                            .map(of -> List.of(of.base(), of.before(), of.after()))
                            .toList()));
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
    long same = both - comparison.largest().size();
    if (same > 0) {
      sentences.add(Numbers.count(same) + " of them are as they were and are left out.");
    }
    if (!comparison.sameKind()) {
      sentences.add(
          "Settings mean different things in the two runs: none of one is one of the other.");
    }
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

  private static List<String> effect(Difference difference) {
    String before = Labels.verdict(difference.before());
    String after = Labels.verdict(difference.after());
    return List.of(
        Labels.site(difference.before().site()),
        Numbers.scale(difference.before().setting()),
        Numbers.signed(difference.pullBefore()),
        Numbers.signed(difference.pullAfter()),
        Numbers.signed(difference.change().mean()),
        Numbers.interval(difference.change()),
        String.valueOf(difference.change().n()),
        Numbers.fixed(difference.corrected(), 3),
        before.equals(after) ? before : before + " → " + after);
  }
}
