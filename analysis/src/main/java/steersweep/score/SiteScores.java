package steersweep.score;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;
import tech.tablesaw.table.TableSlice;

/** Averages the steered cells of each site and scale over prompt pairs. */
public final class SiteScores {
  /** Hook point, layer, all heads before single heads, scale. */
  private static final Comparator<SiteScore> ORDER =
      Comparator.<SiteScore, HookPoint>comparing(score -> score.site().hookPoint())
          .thenComparing(score -> score.site().layer())
          .thenComparing(score -> score.site().head())
          .thenComparing(SiteScore::scale);

  private SiteScores() {}

  public static List<SiteScore> of(ResultTables tables) {
    List<SiteScore> scores = new ArrayList<>();
    if (!tables.steered().isEmpty()) {
      for (TableSlice slice : tables.steered().splitOn(ResultTables.SITE_AND_SCALE)) {
        scores.add(score(slice.asTable()));
      }
    }
    scores.sort(ORDER);
    return Verdicts.corrected(scores);
  }

  /** The mean effect of some rows of {@link ResultTables#steered}, clustered by base prompt. */
  public static Interval effect(Table rows) {
    return Interval.of(
        rows.doubleColumn(ResultTables.EFFECT).asDoubleArray(),
        rows.stringColumn("base_prompt").asList());
  }

  /** The site of a steered row. */
  public static Site site(Row row) {
    String word = row.getString("hook_point");
    HookPoint hookPoint =
        HookPoint.of(word)
            .orElseThrow(
                () ->
                    new IllegalArgumentException("unknown hook point in the results; got " + word));
    boolean allHeads = IntColumn.valueIsMissing(row.getInt("head"));
    return new Site(hookPoint, row.getInt("layer"), allHeads ? Site.ALL_HEADS : row.getInt("head"));
  }

  private static SiteScore score(Table rows) {
    Row first = rows.row(0);
    double scale = first.getDouble("scale");
    Interval effect = effect(rows);
    double changed = 1 - share(rows.booleanColumn("same_as_baseline"));
    double fluency = mean(rows, "fluency");
    double moreRepetition = mean(rows, ResultTables.MORE_REPETITION);
    return new SiteScore(
        site(first),
        scale,
        effect,
        fluency,
        mean(rows, "kl_last"),
        mean(rows, "distinct_2"),
        moreRepetition,
        mean(rows, "zlib_ratio"),
        changed,
        share(rows.booleanColumn(ResultTables.MORE_TARGET_WORDS)),
        mean(rows, "dose"),
        Verdicts.judge(scale, effect, changed, fluency, moreRepetition));
  }

  private static double mean(Table rows, String column) {
    return rows.doubleColumn(column).mean();
  }

  /** Share of true among the values that are there; NaN if none is. */
  public static double share(BooleanColumn column) {
    int there = column.size() - column.countMissing();
    return there == 0 ? Double.NaN : (double) column.countTrue() / there;
  }

  /** The scores of each hook point, in the order of the model's data flow. */
  static SortedMap<HookPoint, List<SiteScore>> byHookPoint(List<SiteScore> scores) {
    Function<SiteScore, HookPoint> hookPoint = score -> score.site().hookPoint();
    return scores.stream()
        .collect(Collectors.groupingBy(hookPoint, TreeMap::new, Collectors.toList()));
  }
}
