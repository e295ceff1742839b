package steersweep.score;

import static steersweep.score.Claim.Judgement.NOT_SUPPORTED;
import static steersweep.score.Claim.Judgement.SUPPORTED;
import static steersweep.score.Claim.Judgement.UNCLEAR;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import steersweep.measure.Measure;
import steersweep.plan.CellKind;
import steersweep.score.Claim.Evidence;
import steersweep.score.Claim.Judgement;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The concepts combine: the text is coherent after the base prompt, and of all prompts in the plan
 * it is likeliest after the steering prompts.
 */
record ConceptsCombine() implements ClaimRule {
  private static final int RECITED_WORDS = 4;
  private static final String RULE =
      "At each concept's recommended site, held-out base prompts: texts that carry both, which is to"
          + " be coherent after the base prompt, to be recognised as the concept's, and not to recite"
          + " the steering prompt. Supported if at least half of them do, clearly more than with"
          + " random directions, and every site is confirmed; not supported if clearly less than half"
          + " do.";

  @Override
  public Claim judge(Data data) {
    String statement = "The concepts combine.";
    List<Recommendation> found =
        data.recommended().values().stream().filter(of -> of.test() != null).toList();
    double[] steered = shares(data, CellKind.STEERED);
    Interval share = data.heldOut().clusters().interval(steered);
    if (found.isEmpty() || share.n() == 0) {
      return new Claim(statement, UNCLEAR, RULE, "No site has texts to judge by.", List.of());
    }
    List<Evidence> evidence = new ArrayList<>();
    evidence.add(new Evidence("share of texts that carry both", share));
    double[] random = shares(data, CellKind.RANDOM);
    Interval more = share;
    if (Estimate.there(random).length > 0) {
      more = data.heldOut().clusters().interval(ClaimRule.minus(steered, random));
      evidence.add(
          new Evidence(
              "the same with random directions", data.heldOut().clusters().interval(random)));
      evidence.add(new Evidence("difference", more));
    }
    evidence.add(
        new Evidence("share recognised if drawn by chance", Interval.number(data.chance(), 0)));
    boolean confirmed = data.recommended().values().stream().allMatch(Recommendation::confirmed);
    Judgement judgement =
        share.high() < 0.5
            ? NOT_SUPPORTED
            : share.mean() >= 0.5 && more.above0() && confirmed ? SUPPORTED : UNCLEAR;
    String reason =
        switch (judgement) {
          case SUPPORTED -> "Most texts carry both, more than by chance.";
          case NOT_SUPPORTED -> "Clearly fewer than half of the texts carry both.";
          case UNCLEAR ->
              confirmed
                  ? "The share is near one half, or not clearly above that of random directions."
                  : "Not every site is confirmed by texts.";
        };
    return new Claim(statement, judgement, RULE, reason, evidence);
  }

  /** Share of texts that carry both, by held-out pair; NaN where there is no text. */
  private static double[] shares(Data data, CellKind kind) {
    Grid grid = data.heldOut();
    double[] shares = new double[grid.pairs().size()];
    Arrays.fill(shares, Double.NaN);
    for (int p = 0; p < shares.length; p++) {
      Recommendation of = data.recommended().get(grid.pairs().get(p).concept());
      SiteScore score = of == null ? null : of.score();
      int k = score == null ? -1 : grid.indexOf(score.point());
      if (k >= 0) {
        shares[p] = share(grid.cells(), grid.rows(kind, k, p));
      }
    }
    return shares;
  }

  private static double share(Table cells, int[] rows) {
    StringColumn text = cells.stringColumn("text");
    int[] there = Arrays.stream(rows).filter(row -> !text.isMissing(row)).toArray();
    return Arrays.stream(there)
        .mapToDouble(row -> both(cells, row) ? 1 : 0)
        .average()
        .orElse(Double.NaN);
  }

  private static boolean both(Table cells, int row) {
    IntColumn coherent = cells.intColumn(Measure.COHERENT.column());
    IntColumn recognised = cells.intColumn(Measure.RECOGNISED.column());
    return !coherent.isMissing(row)
        && coherent.getInt(row) == 1
        && !recognised.isMissing(row)
        && recognised.getInt(row) == 1
        && !recites(
            cells.stringColumn("text").get(row), cells.stringColumn("steering_prompt").get(row));
  }

  static boolean recites(String text, String steeringPrompt) {
    String padded = " " + String.join(" ", words(text)) + " ";
    List<String> words = words(steeringPrompt);
    for (int from = 0; from + RECITED_WORDS <= words.size(); from++) {
      String run = String.join(" ", words.subList(from, from + RECITED_WORDS));
      if (padded.contains(" " + run + " ")) {
        return true;
      }
    }
    return false;
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}']+"))
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
