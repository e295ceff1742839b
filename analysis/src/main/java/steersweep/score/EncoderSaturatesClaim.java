package steersweep.score;

import static steersweep.score.Claim.Judgement.NOT_SUPPORTED;
import static steersweep.score.Claim.Judgement.SUPPORTED;
import static steersweep.score.Claim.Judgement.UNCLEAR;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.CellKind;
import steersweep.score.Claim.Evidence;
import steersweep.score.Claim.Judgement;
import tech.tablesaw.api.StringColumn;

/**
 * Large additions in the encoder replace the text that it reads: more of them changes nothing, and
 * whatever the base prompt, the answer is the same.
 */
record EncoderSaturatesClaim() implements ClaimRule {
  private static final double SATURATED = 0.5;
  private static final double GROWS = 1;

  private static final String RULE =
      "Block outputs of the encoder, their two largest settings: the power of the setting that damage"
          + " grows with (2 where an addition is small, 0 where more of it changes nothing), and at"
          + " the largest the share of other base prompts that have the very same text with the same"
          + " steering prompt, minus that share among unsteered texts. Supported if the power lies"
          + " below 0.5 and the difference of shares above 0; not supported if the power lies above 1,"
          + " or the difference does not lie above 0 at all.";

  /** An encoder block's two largest settings, as places in the grid. */
  private record Top(int second, int largest) {}

  @Override
  public Claim judge(Data data) {
    String statement = "Large additions in the encoder replace its text.";
    Grid grid = data.grid();
    List<Top> tops = tops(grid);
    Interval power = grid.clusters().interval(powers(grid, tops));
    if (power.n() == 0) {
      return new Claim(
          statement,
          UNCLEAR,
          RULE,
          "No block of the encoder was run with two settings above 0.",
          List.of());
    }
    double[] steered = ClaimRule.mean(tops.stream().map(top -> same(grid, top.largest())).toList());
    double[] unsteered = same(grid, -1);
    Interval more = grid.clusters().interval(ClaimRule.minus(steered, unsteered));
    List<Evidence> evidence = new ArrayList<>();
    evidence.add(new Evidence("power of the setting that damage grows with", power));
    if (more.n() > 0) {
      evidence.add(
          new Evidence(
              "share of other base prompts with the same text", grid.clusters().interval(steered)));
      evidence.add(new Evidence("the same, not steered", grid.clusters().interval(unsteered)));
      evidence.add(new Evidence("difference", more));
    }
    boolean no = power.low() > GROWS || more.n() > 0 && more.high() <= 0;
    boolean yes = power.high() < SATURATED && more.n() > 0 && more.above0();
    Judgement judgement = no ? NOT_SUPPORTED : yes ? SUPPORTED : UNCLEAR;
    String reason =
        switch (judgement) {
          case SUPPORTED ->
              "More changes nothing, and answers no longer depend on the base prompt.";
          case NOT_SUPPORTED ->
              power.low() > GROWS
                  ? "Damage still grows at the largest settings."
                  : "Answers still depend on the base prompt.";
          case UNCLEAR ->
              more.n() == 0
                  ? "No texts at the largest settings: generate.cells all would write them."
                  : "Damage or texts do not clearly say so.";
        };
    return new Claim(statement, judgement, RULE, reason, evidence);
  }

  private static List<Top> tops(Grid grid) {
    TreeMap<Integer, List<Integer>> byLayer = new TreeMap<>();
    for (int k = 0; k < grid.points().size(); k++) {
      Point point = grid.points().get(k);
      if (point.setting() > 0
          && ClaimRule.whole(HookPoint.ENCODER_RESIDUAL_POST).test(point.site())) {
        byLayer.computeIfAbsent(point.site().layer(), layer -> new ArrayList<>()).add(k);
      }
    }
    // points of a layer are in the order of their settings
    return byLayer.values().stream()
        .filter(of -> of.size() > 1)
        .map(of -> new Top(of.get(of.size() - 2), of.get(of.size() - 1)))
        .toList();
  }

  private static double[] powers(Grid grid, List<Top> tops) {
    double[][] damage = grid.steered(Measure.DAMAGE);
    List<double[]> powers = new ArrayList<>();
    for (Top top : tops) {
      double steps =
          Math.log(
              grid.points().get(top.largest()).setting()
                  / grid.points().get(top.second()).setting());
      double[] ofPairs = new double[grid.pairs().size()];
      Arrays.setAll(
          ofPairs,
          p -> {
            double power = Math.log(damage[top.largest()][p] / damage[top.second()][p]) / steps;
            return Double.isFinite(power) ? power : Double.NaN;
          });
      powers.add(ofPairs);
    }
    return powers.isEmpty() ? new double[0] : ClaimRule.mean(powers);
  }

  /**
   * Of each pair the share of its concept's other base prompts, with the same steering prompt, that
   * have the same text; NaN where there is none.
   *
   * @param k place in the grid, or -1 for the unsteered texts
   */
  private static double[] same(Grid grid, int k) {
    StringColumn texts = grid.cells().stringColumn("text");
    String[] own = new String[grid.pairs().size()];
    Arrays.setAll(
        own,
        p -> {
          int[] rows = k < 0 ? grid.baselineRows(p) : grid.rows(CellKind.STEERED, k, p);
          return rows.length == 0 || texts.isMissing(rows[0]) ? null : texts.get(rows[0]);
        });
    double[] shares = new double[own.length];
    for (int p = 0; p < own.length; p++) {
      Grid.Pair pair = grid.pairs().get(p);
      int others = 0;
      int same = 0;
      for (int q = 0; q < own.length && own[p] != null; q++) {
        Grid.Pair other = grid.pairs().get(q);
        if (own[q] != null
            && other.concept().equals(pair.concept())
            && other.steering().equals(pair.steering())
            && !other.base().equals(pair.base())) {
          others++;
          same += own[q].equals(own[p]) ? 1 : 0;
        }
      }
      shares[p] = (double) same / others; // NaN where there is no other
    }
    return shares;
  }
}
