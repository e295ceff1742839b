package steersweep.score;

import static steersweep.score.Claim.Judgement.NOT_SUPPORTED;
import static steersweep.score.Claim.Judgement.SUPPORTED;
import static steersweep.score.Claim.Judgement.UNCLEAR;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import steersweep.score.Claim.Evidence;
import steersweep.score.Claim.Judgement;

/**
 * Judges the five claims of the 2023 work ("Activation adding experiments with llama-7b"). Layers
 * are early, middle or late by thirds of the model's depth. Where the claim is about attention
 * values these are the cells at hook point {@code value}, whole layers if there are any.
 */
final class Claims {
  private static final String UNIT = ", nats per token";

  /** Share of early points that must be negligible or incoherent for claim (d). */
  private static final double MOST_OF = 0.9;

  private final EffectGrid grid;
  private final Clusters clusters;
  private final List<SiteScore> scores;
  private final Recommendation recommendation;
  private final EqualDose equalDose;
  private final ResultTables tables;
  private final int layers;

  Claims(
      EffectGrid grid,
      List<SiteScore> scores,
      Recommendation recommendation,
      EqualDose equalDose,
      ResultTables tables,
      int layers) {
    this.grid = grid;
    this.clusters = Clusters.of(grid.bases());
    this.scores = scores;
    this.recommendation = recommendation;
    this.equalDose = equalDose;
    this.tables = tables;
    this.layers = layers;
  }

  List<Claim> all() {
    return scores.isEmpty()
        ? List.of()
        : List.of(combine(), opposite(), lateAndHigh(), early(), valueAgainstBlocks());
  }

  private Claim combine() {
    String statement = "The concepts combine.";
    String rule =
        "At the recommended site and scale, texts that carry both: uptake up by at least "
            + Verdicts.LEAST_EFFECT
            + ", fluency at least "
            + Verdicts.LEAST_FLUENCY
            + " after the base prompt, no loop, no recital of the steering prompt. Supported if the"
            + " site holds on the held-out prompts, at least half of the texts do, and clearly more"
            + " than with random directions; not supported if clearly less than half do.";
    SiteScore score = recommendation.score();
    if (score == null) {
      return new Claim(
          statement, nothing(), rule, "No site and scale passes on the choosing half.", List.of());
    }
    Combining combining = new Combining(tables);
    double[] steered = byPair(combining.steered(score));
    double[] random = byPair(combining.random(score));
    Interval share = clusters.interval(steered);
    List<Evidence> evidence = new ArrayList<>();
    evidence.add(new Evidence("share of texts that carry both", share));
    boolean controlled = Arrays.stream(random).anyMatch(value -> !Double.isNaN(value));
    Interval more = share;
    if (controlled) {
      more = clusters.interval(difference(steered, random));
      evidence.add(new Evidence("the same with random directions", clusters.interval(random)));
      evidence.add(new Evidence("difference", more));
    }
    double[] prompted = byPair(combining.prompted());
    if (Arrays.stream(prompted).anyMatch(value -> !Double.isNaN(value))) {
      evidence.add(
          new Evidence("the same with the prompt as plain text", clusters.interval(prompted)));
    }
    Judgement judgement =
        share.high() < 0.5
            ? NOT_SUPPORTED
            : share.mean() >= 0.5 && more.above0() && recommendation.confirmed()
                ? SUPPORTED
                : UNCLEAR;
    String reason =
        switch (judgement) {
          case SUPPORTED -> "Most texts carry both, more than by chance.";
          case NOT_SUPPORTED -> "Clearly fewer than half of the texts carry both.";
          case UNCLEAR ->
              recommendation.confirmed()
                  ? "The share is near one half, or not clearly above that of random directions."
                  : "The site and scale were not confirmed on the held-out prompts.";
        };
    return new Claim(statement, judgement, rule, reason, evidence);
  }

  /** What is said when no site and scale is there to judge by. */
  private Judgement nothing() {
    return clusters.count() < Interval.FEW_CLUSTERS ? UNCLEAR : NOT_SUPPORTED;
  }

  private Claim opposite() {
    String statement = "A negative scale moves the text to the opposite.";
    String rule =
        "Effect at the negative of the recommended scale (without one, the mean over all negative"
            + " scales whose texts change and are coherent). Supported if its interval lies below 0"
            + " and its mean is at most -"
            + Verdicts.LEAST_EFFECT
            + "; not supported if the interval lies above that. Away from the steering prompt is all"
            + " that uptake can show; what the opposite would be it does not know.";
    List<Evidence> evidence = new ArrayList<>();
    SiteScore chosen = recommendation.score();
    Optional<SiteScore> mirrored =
        chosen == null
            ? Optional.empty()
            : scores.stream()
                .filter(s -> s.site().equals(chosen.site()) && s.scale() == -chosen.scale())
                .filter(s -> !s.is(Outcome.INCOHERENT))
                .findFirst();
    mirrored.ifPresent(score -> evidence.add(new Evidence("effect there" + UNIT, score.effect())));
    List<SiteScore> negative =
        scores.stream()
            .filter(s -> s.scale() < 0 && s.changed() >= Verdicts.LEAST_CHANGED)
            .filter(s -> !s.is(Outcome.INCOHERENT))
            .toList();
    if (negative.isEmpty()) {
      return new Claim(
          statement, UNCLEAR, rule, "No coherent texts at a negative scale.", evidence);
    }
    Interval overall = clusters.interval(mean(negative));
    evidence.add(
        new Evidence(
            "mean effect over " + negative.size() + " negative sites x scales" + UNIT, overall));
    long works = negative.stream().filter(SiteScore::works).count();
    evidence.add(
        new Evidence(
            "share of them that work",
            Interval.number((double) works / negative.size(), negative.size())));
    Interval judged = mirrored.map(SiteScore::effect).orElse(overall).negative();
    Judgement judgement = Judgement.ofMoreThan(judged, Verdicts.LEAST_EFFECT);
    String reason =
        switch (judgement) {
          case SUPPORTED -> "The texts clearly move away from the steering prompt.";
          case NOT_SUPPORTED -> "The texts do not move away, or hardly.";
          case UNCLEAR -> "The interval is too wide to say.";
        };
    return new Claim(statement, judgement, rule, reason, evidence);
  }

  private Claim lateAndHigh() {
    String statement = "Later layers with a high scale work best.";
    String rule =
        "Positive scales of values, incoherent texts counted as effect 0. Late third and upper half"
            + " of the scales against the best other group of layers and scales: supported if the"
            + " difference lies above 0, not supported if it lies below 0 or late layers with a high"
            + " scale have no effect worth the name.";
    List<SiteScore> positive = values().stream().filter(s -> s.scale() > 0).toList();
    Map<String, List<SiteScore>> groups = new LinkedHashMap<>();
    double middle =
        new Median().evaluate(positive.stream().mapToDouble(SiteScore::scale).distinct().toArray());
    for (SiteScore score : positive) {
      String strength = score.scale() >= middle ? "high" : "low";
      groups
          .computeIfAbsent(third(score) + ", " + strength + " scale", name -> new ArrayList<>())
          .add(score);
    }
    List<SiteScore> claimed = groups.remove("late, high scale");
    if (claimed == null || groups.isEmpty()) {
      return new Claim(
          statement, UNCLEAR, rule, "No values at late layers and others to compare.", List.of());
    }
    double[] there = working(claimed);
    Interval effect = clusters.interval(there);
    List<Evidence> evidence = new ArrayList<>();
    evidence.add(new Evidence("late, high scale: mean effect" + UNIT, effect));
    groups.forEach(
        (name, group) ->
            evidence.add(
                new Evidence(name + ": mean effect" + UNIT, clusters.interval(working(group)))));
    List<SiteScore> best =
        groups.values().stream()
            .max(Comparator.comparing(group -> clusters.interval(working(group)).mean()))
            .orElseThrow();
    Interval difference = clusters.interval(difference(there, working(best)));
    evidence.add(new Evidence("late and high minus the best other group" + UNIT, difference));
    boolean no = difference.below0() || effect.high() < Verdicts.LEAST_EFFECT;
    Judgement judgement =
        no ? NOT_SUPPORTED : difference.above0() && effect.above0() ? SUPPORTED : UNCLEAR;
    String reason =
        switch (judgement) {
          case SUPPORTED -> "Late layers with a high scale have clearly the largest effect.";
          case NOT_SUPPORTED ->
              difference.below0()
                  ? "Another group has a clearly larger effect."
                  : "Late layers with a high scale have no effect worth the name.";
          case UNCLEAR -> "No group is clearly better.";
        };
    return new Claim(statement, judgement, rule, reason, evidence);
  }

  private Claim early() {
    String statement = "Early layers have a negligible or nonsensical effect.";
    String rule =
        "Verdicts of the early third, values at every scale. Supported if none works and at least "
            + Math.round(100 * MOST_OF)
            + " % are negligible or incoherent; not supported if any works.";
    List<SiteScore> early = values().stream().filter(s -> third(s).equals("early")).toList();
    if (early.isEmpty()) {
      return new Claim(statement, UNCLEAR, rule, "No values at early layers.", List.of());
    }
    List<Evidence> evidence = new ArrayList<>();
    for (Outcome outcome : Outcome.values()) {
      evidence.add(new Evidence("share " + outcome.word(), share(early, outcome)));
    }
    early.stream()
        .filter(score -> !score.is(Outcome.INCOHERENT))
        .max(Comparator.comparing(SiteScore::asked))
        .ifPresent(s -> evidence.add(new Evidence("largest coherent effect" + UNIT, s.effect())));
    double none = share(early, Outcome.NEGLIGIBLE).mean() + share(early, Outcome.INCOHERENT).mean();
    boolean works = share(early, Outcome.WORKS).mean() > 0;
    Judgement judgement = works ? NOT_SUPPORTED : none >= MOST_OF ? SUPPORTED : UNCLEAR;
    String reason =
        switch (judgement) {
          case SUPPORTED -> "Nothing works there, and nearly all is negligible or incoherent.";
          case NOT_SUPPORTED -> "Some early layers work.";
          case UNCLEAR -> "Nothing works there, but too much is unclear.";
        };
    return new Claim(statement, judgement, rule, reason, evidence);
  }

  private static Interval share(List<SiteScore> of, Outcome outcome) {
    long count = of.stream().filter(score -> score.is(outcome)).count();
    return Interval.number((double) count / of.size(), of.size());
  }

  private Claim valueAgainstBlocks() {
    String statement = "Adding attention values works better than adding whole block outputs.";
    String rule =
        "Value minus residual_post at equal dose (what is written into the residual stream), whole"
            + " layers: in each layer at the smallest and the largest dose that both were run at with"
            + " coherent texts, and between them; effects between doses that were run are"
            + " interpolated. Supported if the mean difference lies above 0; not supported if it"
            + " lies below "
            + Verdicts.LEAST_EFFECT
            + ".";
    if (!equalDose.residual()) {
      return new Claim(
          statement, UNCLEAR, rule, "The sweep has no doses in the residual stream.", List.of());
    }
    List<double[]> differences = new ArrayList<>();
    int compared = 0;
    for (int layer = 0; layer < layers; layer++) {
      Site value = new Site(HookPoint.VALUE, layer, Site.ALL_HEADS);
      Site block = new Site(HookPoint.RESIDUAL_POST, layer, Site.ALL_HEADS);
      List<Double> doses = equalDose.shared(value, block);
      compared += doses.isEmpty() ? 0 : 1;
      for (double dose : doses) {
        differences.add(
            difference(
                equalDose.coherentEffects(value, dose), equalDose.coherentEffects(block, dose)));
      }
    }
    if (differences.isEmpty()) {
      return new Claim(
          statement,
          UNCLEAR,
          rule,
          "In no layer do the doses of both with coherent texts overlap.",
          List.of());
    }
    Interval mean = clusters.interval(meanOf(differences));
    Judgement judgement =
        mean.above0() ? SUPPORTED : mean.high() < Verdicts.LEAST_EFFECT ? NOT_SUPPORTED : UNCLEAR;
    String reason =
        switch (judgement) {
          case SUPPORTED -> "At equal dose values have the larger effect.";
          case NOT_SUPPORTED -> "At equal dose values are no better.";
          case UNCLEAR -> "The interval is too wide to say.";
        };
    List<Evidence> evidence = new ArrayList<>();
    evidence.add(
        new Evidence(
            "value minus residual_post at equal dose, " + compared + " layers" + UNIT, mean));
    for (HookPoint hookPoint : List.of(HookPoint.VALUE, HookPoint.RESIDUAL_POST)) {
      scores.stream()
          .filter(s -> s.site().hookPoint() == hookPoint && s.site().allHeads() && s.scale() > 0)
          .filter(s -> !s.is(Outcome.INCOHERENT))
          .max(Comparator.comparing(SiteScore::meanEffect))
          .ifPresent(
              s ->
                  evidence.add(
                      new Evidence(
                          "largest coherent effect of " + hookPoint.word() + ", any dose" + UNIT,
                          s.effect())));
    }
    return new Claim(statement, judgement, rule, reason, evidence);
  }

  /** Scores of attention values: whole layers, or single heads where there are only those. */
  private List<SiteScore> values() {
    List<SiteScore> all =
        scores.stream().filter(s -> s.site().hookPoint() == HookPoint.VALUE).toList();
    List<SiteScore> whole = all.stream().filter(s -> s.site().allHeads()).toList();
    return whole.isEmpty() ? all : whole;
  }

  private String third(SiteScore score) {
    int third = 3 * score.site().layer() / layers;
    return third == 0 ? "early" : third == 1 ? "middle" : "late";
  }

  /** Mean effect of each pair over some points; NaN where it has none. */
  private double[] mean(List<SiteScore> of) {
    return meanOf(of.stream().map(s -> grid.of(EffectGrid.NET)[grid.indexOf(s.point())]).toList());
  }

  /** The same, incoherent points counted as 0. */
  private double[] working(List<SiteScore> of) {
    return meanOf(
        of.stream()
            .map(
                s -> {
                  double[] effects = grid.of(EffectGrid.NET)[grid.indexOf(s.point())];
                  return s.is(Outcome.INCOHERENT)
                      ? Arrays.stream(effects).map(e -> Double.isNaN(e) ? e : 0).toArray()
                      : effects;
                })
            .toList());
  }

  private double[] meanOf(List<double[]> rows) {
    return IntStream.range(0, grid.pairs())
        .mapToDouble(
            p ->
                rows.stream()
                    .mapToDouble(row -> row[p])
                    .filter(Double::isFinite)
                    .average()
                    .orElse(Double.NaN))
        .toArray();
  }

  private static double[] difference(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray();
  }

  /** Values by pair number as an array in the grid's order of pairs. */
  private double[] byPair(Map<Integer, Double> values) {
    return grid.numbers().stream()
        .flatMapToDouble(pair -> DoubleStream.of(values.getOrDefault(pair, Double.NaN)))
        .toArray();
  }
}
