package steersweep.score;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import steersweep.plan.CellKind;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/**
 * Which texts carry both concepts: that of the steering prompt and that of the base prompt. No
 * judge reads them, so it is a rule on numbers: the text changed, its uptake is up by {@link
 * Verdicts#LEAST_EFFECT}, after the base prompt it is about as likely as the baseline's text
 * ({@link Verdicts#LEAST_FLUENCY}), it does not loop, and it does not just recite the steering
 * prompt ({@value #RECITED_WORDS} of its words in a row).
 */
final class Combining {
  private static final int RECITED_WORDS = 4;

  private final ResultTables tables;

  Combining(ResultTables tables) {
    this.tables = tables;
  }

  /** Share of texts that carry both, by prompt pair: steered at a point. */
  Map<Integer, Double> steered(SiteScore score) {
    return shares(tables.rows(score));
  }

  /** The same for the random directions at its site and |scale|. */
  Map<Integer, Double> random(SiteScore score) {
    Table rows = tables.controls();
    rows = rows.where(rows.stringColumn("kind").isEqualTo(CellKind.RANDOM.word()));
    return shares(ResultTables.rowsAt(rows, new Point(score.site(), Math.abs(score.scale()))));
  }

  /** The same for the steering prompt as plain text. */
  Map<Integer, Double> prompted() {
    return shares(tables.prompted());
  }

  private static Map<Integer, Double> shares(Table rows) {
    Map<Integer, Double> sums = new HashMap<>();
    Map<Integer, Integer> counts = new HashMap<>();
    for (Row row : rows) {
      sums.merge(row.getInt("pair"), combines(row) ? 1.0 : 0.0, Double::sum);
      counts.merge(row.getInt("pair"), 1, Integer::sum);
    }
    sums.replaceAll((pair, sum) -> sum / counts.getOrDefault(pair, 1));
    return sums;
  }

  private static boolean combines(Row row) {
    return !row.getBoolean(EffectGrid.SAME)
        && row.getDouble(ResultTables.EFFECT) >= Verdicts.LEAST_EFFECT
        && row.getDouble("fluency") >= Verdicts.LEAST_FLUENCY
        && row.getDouble(ResultTables.MORE_REPETITION) <= Verdicts.MOST_REPETITION
        && !recites(row.getString("text"), row.getString("steering_prompt"));
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
