package steersweep.score;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;
import steersweep.plan.CellKind;
import steersweep.plan.Site;
import steersweep.result.RunFolder;
import steersweep.result.TextPieces;

/**
 * What published texts say without a model: which are the baseline's, which loop, which hold target
 * words. The effect of steering and fluency need the model, so nothing here is said to work.
 *
 * @param baseline what the steered texts are compared with
 * @param texts the steered texts, in {@link Point#ORDER}
 */
public record PublishedTexts(Text baseline, List<Text> texts) {
  public PublishedTexts {
    texts = List.copyOf(texts);
  }

  /** Shorter than this share of the baseline's pieces, a text has broken off. */
  public static final double LEAST_LENGTH = 0.25;

  /** Most distinct-2 that may be lost against the baseline: a fifth more repeats is a loop. */
  public static final double MOST_REPETITION = 0.20;

  /** What a text is by counting alone, the rules of a coherent text as far as they go. */
  public enum Kind {
    UNCHANGED("the baseline's text"),
    REPETITIVE("repetitive"),
    CUT_SHORT("broken off"),
    CHANGED("another text");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }

  /**
   * @param point null for the baseline
   * @param difference share of the pieces of text that this and the baseline do not share
   * @param distinct2 share of distinct neighbouring pairs of pieces
   * @param targetHits target words in the text; null if there are none to look for
   */
  public record Text(
      @Nullable Point point,
      String text,
      Kind kind,
      double difference,
      double distinct2,
      double zlibRatio,
      @Nullable Integer targetHits) {}

  /** Texts of one third of the model's depth at one hook point. */
  public record Third(String name, HookPoint hookPoint, List<Text> texts) {
    public long count(Kind kind) {
      return texts.stream().filter(text -> text.kind() == kind).count();
    }
  }

  public static PublishedTexts of(RunFolder run) {
    Map<Long, Scores> scores = new HashMap<>();
    run.readScores(row -> scores.put((Long) row.get("cell"), Scores.of(row)));
    List<Text> texts = new ArrayList<>();
    List<Text> baselines = new ArrayList<>();
    run.readCompletions(
        row -> {
          // the baseline is the first row
          Scores ofText = scores.get((Long) row.get("cell"));
          if (ofText == null) {
            throw new IllegalArgumentException(
                run.path() + ": cell " + row.get("cell") + " has no scores");
          }
          if (row.get("kind").toString().equals(CellKind.BASELINE.word())) {
            baselines.add(ofText.text(row, null, Kind.UNCHANGED));
          } else {
            texts.add(ofText.text(row, point(row), ofText.kind(row, baselines.get(0))));
          }
        });
    texts.sort(Comparator.comparing(Text::point, Point.ORDER));
    return new PublishedTexts(baselines.get(0), texts);
  }

  private record Scores(
      double difference, double distinct2, double zlibRatio, @Nullable Integer targetHits) {
    static Scores of(GenericRecord row) {
      return new Scores(
          (Double) row.get("difference"),
          (Double) row.get("distinct_2"),
          (Double) row.get("zlib_ratio"),
          (Integer) row.get("target_hits"));
    }

    Text text(GenericRecord row, @Nullable Point point, Kind kind) {
      return new Text(
          point, row.get("text").toString(), kind, difference, distinct2, zlibRatio, targetHits);
    }

    Kind kind(GenericRecord row, Text baseline) {
      if ((Boolean) row.get("same_as_baseline")) {
        return Kind.UNCHANGED;
      }
      if (baseline.distinct2() - distinct2 > MOST_REPETITION) {
        return Kind.REPETITIVE;
      }
      int pieces = TextPieces.of(row.get("text").toString()).size();
      int ofBaseline = TextPieces.of(baseline.text()).size();
      return pieces < LEAST_LENGTH * ofBaseline ? Kind.CUT_SHORT : Kind.CHANGED;
    }
  }

  private static Point point(GenericRecord row) {
    HookPoint hookPoint =
        HookPoint.of(row.get("hook_point").toString())
            .orElseThrow(
                () -> new IllegalArgumentException("unknown hook point " + row.get("hook_point")));
    return new Point(
        new Site(hookPoint, (Integer) row.get("layer"), Site.ALL_HEADS),
        (Double) row.get("setting"));
  }

  public long count(Kind kind) {
    return texts.stream().filter(text -> text.kind() == kind).count();
  }

  public List<HookPoint> hookPoints() {
    return texts.stream().map(text -> hookPoint(text)).distinct().sorted().toList();
  }

  public List<Text> at(HookPoint hookPoint) {
    return texts.stream().filter(text -> hookPoint(text) == hookPoint).toList();
  }

  /** Early, middle and late layers of each hook point. */
  public List<Third> thirds(int layers) {
    List<String> names = List.of("early", "middle", "late");
    List<Third> thirds = new ArrayList<>();
    for (HookPoint hookPoint : hookPoints()) {
      for (int i = 0; i < names.size(); i++) {
        int third = i;
        thirds.add(
            new Third(
                names.get(i),
                hookPoint,
                at(hookPoint).stream().filter(text -> third(text, layers) == third).toList()));
      }
    }
    return thirds;
  }

  private static int third(Text text, int layers) {
    Point point = text.point();
    return point == null ? 0 : Math.min(2, 3 * point.site().layer() / layers);
  }

  private static HookPoint hookPoint(Text text) {
    Point point = text.point();
    if (point == null) {
      throw new IllegalArgumentException("the baseline has no site");
    }
    return point.site().hookPoint();
  }
}
