package steersweep.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import steersweep.measure.Measure;
import steersweep.plan.Choice;
import steersweep.plan.Choice.Why;

/**
 * Puts candidates to the test: evidence of their texts on the held-out half of the base prompts.
 * Candidates and those for the opposite are two families, each corrected for its own size.
 */
final class TextTests {
  private final Grid heldOut;
  private final Clusters clusters;
  private final double[][] evidence;
  private final double[][] coherent;
  private final double[][] recognised;

  /**
   * @param heldOut the pairs that had no say in the choice
   * @param evidence of each point and pair of it, control taken off
   */
  private TextTests(Grid heldOut, double[][] evidence) {
    this.heldOut = heldOut;
    this.evidence = evidence;
    clusters = heldOut.clusters();
    coherent = heldOut.steered(Measure.COHERENT);
    recognised = heldOut.steered(Measure.RECOGNISED);
  }

  /** A test for each candidate that has texts on the held-out half, by point. */
  static Map<Point, TextTest> of(Grid heldOut, List<Choice> choices) {
    return of(heldOut, heldOut.net(Measure.EVIDENCE), choices);
  }

  /** The same with evidence from elsewhere, [point, pair]. */
  static Map<Point, TextTest> of(Grid heldOut, double[][] evidence, List<Choice> choices) {
    TextTests tests = new TextTests(heldOut, evidence);
    Map<Point, TextTest> all = new LinkedHashMap<>();
    for (Why why : List.of(Why.BEST, Why.OPPOSITE)) {
      List<Point> family =
          choices.stream()
              .filter(choice -> choice.why() == why)
              .map(choice -> new Point(choice.site(), choice.setting()))
              .distinct()
              .toList();
      all.putAll(tests.family(why, family));
    }
    return all;
  }

  /** Points where every one of the concepts has texts on the held-out half. */
  static List<Choice> inAll(Grid heldOut, List<Choice> choices) {
    double[][] evidence = heldOut.net(Measure.EVIDENCE);
    Set<String> concepts = Set.copyOf(heldOut.concepts());
    List<Choice> in = new ArrayList<>();
    for (Choice choice : choices) {
      int k = heldOut.indexOf(new Point(choice.site(), choice.setting()));
      if (k >= 0) {
        Set<String> there = new HashSet<>();
        for (int p = 0; p < evidence[k].length; p++) {
          if (!Double.isNaN(evidence[k][p])) {
            there.add(heldOut.pairs().get(p).concept());
          }
        }
        if (there.equals(concepts)) {
          in.add(choice);
        }
      }
    }
    return in;
  }

  private Map<Point, TextTest> family(Why why, List<Point> points) {
    List<Point> tested =
        points.stream()
            .filter(point -> heldOut.indexOf(point) >= 0)
            .filter(point -> Estimate.there(evidence[heldOut.indexOf(point)]).length > 0)
            .toList();
    SignFlips flips = SignFlips.of(tested.stream().map(this::askedSums).toArray(double[][]::new));
    Map<Point, TextTest> tests = new LinkedHashMap<>();
    for (int i = 0; i < tested.size(); i++) {
      Point point = tested.get(i);
      int k = heldOut.indexOf(point);
      tests.put(
          point,
          new TextTest(
              point,
              why,
              clusters.interval(evidence[k]),
              flips.single()[i],
              flips.corrected()[i],
              clusters.interval(coherent[k]),
              clusters.interval(recognised[k])));
    }
    return tests;
  }

  /** Evidence in the direction asked for, added up by base prompt. */
  private double[] askedSums(Point point) {
    double sign = point.sign();
    double[] values = evidence[heldOut.indexOf(point)];
    return clusters.sums(Arrays.stream(values).map(value -> sign * value).toArray());
  }
}
