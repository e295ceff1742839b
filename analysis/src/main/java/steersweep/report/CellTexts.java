package steersweep.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import steersweep.error.Visible;
import steersweep.measure.Measure;
import steersweep.plan.CellKind;
import steersweep.plan.Choice;
import steersweep.result.Chosen;
import steersweep.result.Json;
import steersweep.score.ConceptFindings;
import steersweep.score.Interval;
import steersweep.score.Point;
import steersweep.score.ResultTables;
import steersweep.score.SiteScore;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/**
 * What the page's script shows of a cell, for every site and setting: its scores, and of each
 * prompt pair the texts side by side. JSON, packed, since texts of a sweep are much alike; {@code
 * page.js} unpacks it when the first cell is opened. Every different text is there once.
 */
final class CellTexts {
  /** Texts in the page, bytes. */
  private static final int MOST_TEXT = 5_000_000;

  /** Packed, characters: the rest of the page needs room too. */
  private static final int MOST_PACKED = 2_500_000;

  /** Steered cells; with more of them those without a text are left out. */
  private static final int MOST_WITHOUT_TEXT = 60_000;

  private static final String REST =
      "Texts of other sites and settings are in the run folder, completions/*.parquet: all of them"
          + " are too much for a page.";

  /**
   * What the script reads.
   *
   * @param points keys of sites and settings, in their order
   * @param cells of each point, a cell for each prompt pair
   * @param note where texts are that are not here; empty if all are
   */
  private record Data(
      List<String> texts,
      List<OfConcept> concepts,
      List<String> points,
      Map<Integer, OfPair> pairs,
      List<List<OfCell>> cells,
      String note) {}

  /**
   * @param scores of each point; null where the concept was not steered
   */
  private record OfConcept(String name, List<String> targets, List<@Nullable OfPoint> scores) {}

  /** Means over prompt pairs. */
  private record OfPoint(
      String verdict,
      @Nullable Number pull,
      @Nullable Number low,
      @Nullable Number high,
      @Nullable Number damage,
      @Nullable Number evidence,
      @Nullable Number coherent,
      @Nullable Number recognised,
      @Nullable Number factor) {}

  /** A prompt pair, and what is the same at every site; numbers of prompts are among the texts. */
  private record OfPair(
      String concept,
      int base,
      int steering,
      @Nullable Version baseline,
      @Nullable Version prompted) {}

  private record OfCell(
      int pair,
      @Nullable Number pull,
      @Nullable Number damage,
      @Nullable Version steered,
      @Nullable Version control) {}

  /**
   * A text and what was measured of it.
   *
   * @param text its number
   */
  private record Version(
      int text,
      @Nullable Number evidence,
      @Nullable Number coherent,
      @Nullable Number recognised) {}

  private final ResultTables tables;
  private final BiPredicate<String, Point> wanted;
  private final Map<String, Integer> texts = new LinkedHashMap<>();
  private final Map<Integer, OfPair> pairs = new TreeMap<>();
  private final Map<Point, List<OfCell>> cells = new TreeMap<>(Point.ORDER);
  private long bytes;

  private CellTexts(ResultTables tables, BiPredicate<String, Point> wanted) {
    this.tables = tables;
    this.wanted = wanted;
    Map<Integer, Version> baselines = ofKind(CellKind.BASELINE);
    Map<Integer, Version> prompted = ofKind(CellKind.PROMPTED);
    Table random = tables.of(CellKind.RANDOM);
    Map<List<Object>, Integer> controls = new HashMap<>();
    for (Row row : random) {
      controls.putIfAbsent(control(row, ResultTables.point(row)), row.getRowNumber());
    }
    Table steered = tables.of(CellKind.STEERED);
    boolean all = steered.rowCount() <= MOST_WITHOUT_TEXT;
    for (Row row : steered) {
      if (all || !row.isMissing("text")) {
        int pair = row.getInt("pair");
        pairs.computeIfAbsent(pair, of -> pair(row, baselines.get(of), prompted.get(of)));
        Point point = ResultTables.point(row);
        Integer control = controls.get(control(row, point));
        add(row, control == null ? null : random.row(control), point);
      }
    }
  }

  /**
   * @param data base64 of gzip of JSON, so that nothing in it can be taken for markup
   * @param note where texts are that are not in it; empty if all are
   */
  record Packed(String data, String note) {}

  static Packed packed(ResultTables tables, List<ConceptFindings> findings) {
    CellTexts all = new CellTexts(tables, (concept, point) -> true);
    if (all.bytes <= MOST_TEXT) {
      String packed = pack(all.data(findings, ""));
      if (packed.length() <= MOST_PACKED) {
        return new Packed(packed, "");
      }
    }
    Set<List<Object>> tested = tested(tables.chosen());
    CellTexts some =
        new CellTexts(tables, (concept, point) -> tested.contains(List.of(concept, point)));
    return new Packed(pack(some.data(findings, REST)), REST);
  }

  /** Concepts and points that were chosen for what they are, not drawn. */
  private static Set<List<Object>> tested(@Nullable Chosen chosen) {
    Set<List<Object>> tested = new HashSet<>();
    for (Choice choice : chosen == null ? List.<Choice>of() : chosen.choices()) {
      if (choice.why() != Choice.Why.SAMPLE) {
        tested.add(List.of(choice.concept(), new Point(choice.site(), choice.setting())));
      }
    }
    return tested;
  }

  private static String pack(Data data) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(Json.line(data).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getEncoder().encodeToString(packed.toByteArray());
  }

  private Data data(List<ConceptFindings> findings, String note) {
    List<Point> points = List.copyOf(cells.keySet());
    return new Data(
        List.copyOf(texts.keySet()),
        findings.stream().map(of -> concept(of, points)).toList(),
        points.stream().map(Labels::key).toList(),
        pairs,
        List.copyOf(cells.values()),
        note);
  }

  private OfConcept concept(ConceptFindings of, List<Point> points) {
    Map<Point, SiteScore> scores = new HashMap<>();
    of.scores().forEach(score -> scores.put(score.point(), score));
    List<@Nullable OfPoint> here = new ArrayList<>();
    points.forEach(point -> here.add(point(scores.get(point))));
    List<String> targets =
        tables.concepts().stream()
            .filter(concept -> of.all() || concept.name().equals(of.concept()))
            .flatMap(concept -> concept.targetWords().stream())
            .map(Visible::text)
            .toList();
    return new OfConcept(Visible.text(of.concept()), targets, here);
  }

  private static @Nullable OfPoint point(@Nullable SiteScore score) {
    if (score == null) {
      return null;
    }
    Interval pull = score.pull();
    return new OfPoint(
        Labels.verdict(score),
        rounded(pull.mean()),
        rounded(pull.low()),
        rounded(pull.high()),
        rounded(score.damage()),
        rounded(score.of(Measure.EVIDENCE).net().mean()),
        rounded(score.of(Measure.COHERENT).net().mean()),
        rounded(score.of(Measure.RECOGNISED).net().mean()),
        rounded(score.placement().factor()));
  }

  private Map<Integer, Version> ofKind(CellKind kind) {
    Map<Integer, Version> versions = new HashMap<>();
    for (Row row : tables.of(kind)) {
      Version version = version(row);
      if (version != null) {
        versions.put(row.getInt("pair"), version);
      }
    }
    return versions;
  }

  private static List<Object> control(Row row, Point point) {
    return List.of(row.getInt("pair"), point.site(), Math.abs(point.setting()));
  }

  private OfPair pair(Row row, @Nullable Version baseline, @Nullable Version prompted) {
    return new OfPair(
        Visible.text(row.getString("concept")),
        text(row.getString("base_prompt")),
        text(row.getString("steering_prompt")),
        baseline,
        prompted);
  }

  private void add(Row row, @Nullable Row control, Point point) {
    boolean withText = wanted.test(row.getString("concept"), point);
    cells
        .computeIfAbsent(point, of -> new ArrayList<>())
        .add(
            new OfCell(
                row.getInt("pair"),
                number(row, Measure.PULL),
                number(row, Measure.DAMAGE),
                withText ? version(row) : null,
                withText && control != null ? version(control) : null));
  }

  /** Null without a text. */
  private @Nullable Version version(Row row) {
    return row.isMissing("text")
        ? null
        : new Version(
            text(row.getString("text")),
            number(row, Measure.EVIDENCE),
            number(row, Measure.COHERENT),
            number(row, Measure.RECOGNISED));
  }

  /** Its place among the texts. */
  private int text(String text) {
    String shown = Visible.text(text.strip());
    Integer known = texts.get(shown);
    if (known != null) {
      return known;
    }
    bytes += shown.getBytes(StandardCharsets.UTF_8).length;
    texts.put(shown, texts.size());
    return texts.size() - 1;
  }

  private static @Nullable Number number(Row row, Measure measure) {
    return row.isMissing(measure.column())
        ? null
        : rounded(((Number) row.getObject(measure.column())).doubleValue());
  }

  /** To three decimals, which is more than is shown. */
  private static @Nullable Number rounded(double value) {
    return Double.isFinite(value) ? Math.round(value * 1000) / 1000.0 : null;
  }
}
