package steersweep.published;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import steersweep.error.UserError;
import steersweep.model.HookPoint;

/**
 * What a first pass over a published file finds: the axes of its grid, and the text that stands in
 * for the unsteered one. Such files have no unsteered text, so the most common text at the smallest
 * multiplier is taken: at a small multiplier most layers still give the unsteered text.
 */
final class Summary {
  private static final int MOST_SCALES = 1000;

  private final String basePrompt;
  private final Set<HookPoint> hookPoints = new LinkedHashSet<>();
  private final NavigableSet<Integer> layers = new TreeSet<>();
  private final NavigableSet<Double> scales = new TreeSet<>();
  private final Map<String, Integer> leastSteered = new LinkedHashMap<>();
  private double leastScale = Double.POSITIVE_INFINITY;
  private long rows;
  private long steered;
  private long withoutBasePrompt;

  Summary(String basePrompt) {
    this.basePrompt = basePrompt;
  }

  void add(PublishedRow row) {
    rows++;
    if (!row.text().startsWith(basePrompt)) {
      withoutBasePrompt++;
    }
    double size = Math.abs(row.scale());
    if (size < leastScale) {
      leastScale = size;
      leastSteered.clear();
    }
    if (size == leastScale) {
      leastSteered.merge(continuation(row), 1, Integer::sum);
    }
    if (row.scale() != 0 && scales.size() <= MOST_SCALES) {
      steered++;
      hookPoints.add(row.hookPoint());
      layers.add(row.layer());
      scales.add(row.scale());
    }
  }

  /**
   * @throws UserError if the file has no grid to report on
   */
  void checkSteered(Path file) {
    if (steered == 0) {
      throw new UserError(file.toString(), "every multiplier is 0; expected steered texts");
    }
    if (scales.size() > MOST_SCALES) {
      throw new UserError(
          file.toString(), "too many different multipliers; expected at most " + MOST_SCALES);
    }
  }

  /** The text after the base prompt; the whole text where it does not start with it. */
  String continuation(PublishedRow row) {
    return row.text().startsWith(basePrompt)
        ? row.text().substring(basePrompt.length())
        : row.text();
  }

  /** The continuation that others are compared with; the first of equally common ones. */
  String baselineText() {
    return leastSteered.entrySet().stream()
        .reduce((first, next) -> next.getValue() > first.getValue() ? next : first)
        .map(Map.Entry::getKey)
        .orElseThrow();
  }

  /** Where the baseline's text comes from, in words. */
  String baseline() {
    int all = leastSteered.values().stream().mapToInt(Integer::intValue).sum();
    int same = leastSteered.getOrDefault(baselineText(), 0);
    String of = same + " of " + all + (all == 1 ? " text" : " texts");
    return leastScale == 0
        ? "the file's text at multiplier 0 (" + of + ")"
        : "a stand-in: the most common text at the smallest multiplier, "
            + PublishedPlan.number(leastScale)
            + " ("
            + of
            + ")";
  }

  Set<HookPoint> hookPoints() {
    return hookPoints;
  }

  NavigableSet<Integer> layers() {
    return layers;
  }

  NavigableSet<Double> scales() {
    return scales;
  }

  long rows() {
    return rows;
  }

  /** Rows with a multiplier other than 0. */
  long steered() {
    return steered;
  }

  long withoutBasePrompt() {
    return withoutBasePrompt;
  }
}
