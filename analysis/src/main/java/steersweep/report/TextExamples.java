package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.plan.CellKind;
import steersweep.plan.Choice.Why;
import steersweep.score.Analysis;
import steersweep.score.ConceptFindings;
import steersweep.score.Outcome;
import steersweep.score.Point;
import steersweep.score.ResultTables;
import steersweep.score.SiteScore;
import steersweep.score.TextTest;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/**
 * Picks the texts to show: for each concept the prompt pair with the middle evidence at its site
 * and setting, so that the examples are neither the luckiest nor the unluckiest texts of the sweep,
 * and the same pair again where the steering is turned round or too strong.
 */
final class TextExamples {
  static final String WORKS = "works";
  static final String LARGEST = "largest pull (not confirmed)";
  static final String STRONGEST = "strongest (pull not measured)";
  static final String OPPOSITE = "opposite";
  static final String DAMAGING = "too strong";
  static final String PROMPTED = "prompted instead";

  private TextExamples() {}

  static List<TextExample> pick(ResultTables tables, Analysis analysis) {
    Table prompted = tables.of(CellKind.PROMPTED);
    Map<Integer, Row> baselines = new LinkedHashMap<>();
    Table unsteered = tables.of(CellKind.BASELINE);
    for (int i = 0; i < unsteered.rowCount(); i++) {
      baselines.put(unsteered.intColumn("pair").get(i), unsteered.row(i));
    }
    List<TextExample> examples = new ArrayList<>();
    for (ConceptFindings of : analysis.concepts()) {
      example(tables, of, prompted, baselines).ifPresent(examples::add);
    }
    return examples;
  }

  private static Optional<TextExample> example(
      ResultTables tables, ConceptFindings of, Table prompted, Map<Integer, Row> baselines) {
    SiteScore best = shown(of);
    if (best == null) {
      return Optional.empty();
    }
    Map<String, SiteScore> roles = new LinkedHashMap<>();
    roles.put(best.works() ? WORKS : best.pull().n() > 0 ? LARGEST : STRONGEST, best);
    opposite(of).ifPresent(score -> roles.put(OPPOSITE, score));
    tooStrong(of, best).ifPresent(score -> roles.put(DAMAGING, score));
    Table texts = texts(tables, of.concept(), best);
    if (texts.isEmpty()) {
      return Optional.empty();
    }
    Row pair = middle(texts);
    Row baseline = baselines.get(pair.getInt("pair"));
    if (baseline == null) {
      return Optional.empty();
    }
    List<TextExample.Version> versions = new ArrayList<>();
    roles.forEach(
        (role, score) -> {
          Row row = find(texts(tables, of.concept(), score), pair.getInt("pair"));
          if (row != null) {
            versions.add(
                version(
                    role, Labels.point(score.point()), score.point(), Labels.verdict(score), row));
          }
        });
    Row plain = find(prompted, pair.getInt("pair"));
    if (plain != null) {
      versions.add(
          version(PROMPTED, "steering prompt + base prompt as plain text", null, "", plain));
    }
    return Optional.of(
        new TextExample(
            pair.getLong("cell"),
            of.concept(),
            pair.getString("base_prompt"),
            pair.getString("steering_prompt"),
            baseline.getString("text"),
            versions));
  }

  /** The recommended site; without pulls the one that damages most within the budget. */
  static @Nullable SiteScore shown(ConceptFindings of) {
    SiteScore best = of.recommendation().score();
    return best != null
        ? best
        : of.scores().stream()
            .filter(score -> score.setting() > 0 && !score.is(Outcome.DAMAGING))
            .max(Comparator.comparing(SiteScore::damage))
            .orElse(null);
  }

  static Table texts(ResultTables tables, String concept, SiteScore score) {
    Table all = tables.texts(score.point());
    return all.where(all.stringColumn("concept").isEqualTo(concept));
  }

  /** Of the sites whose texts were tested for the opposite the one with the largest evidence. */
  private static Optional<SiteScore> opposite(ConceptFindings of) {
    return of.tests(Why.OPPOSITE).stream()
        .max(Comparator.comparing(TextTest::confirmed).thenComparing(test -> test.asked().mean()))
        .flatMap(test -> at(of, test));
  }

  private static Optional<SiteScore> at(ConceptFindings of, TextTest test) {
    return of.scores().stream().filter(score -> score.point().equals(test.point())).findFirst();
  }

  /** At the same site the least setting that damages too much, else anywhere. */
  private static Optional<SiteScore> tooStrong(ConceptFindings of, SiteScore best) {
    return of.scores().stream()
        .filter(score -> score.setting() > 0 && score.is(Outcome.DAMAGING))
        .filter(score -> score.of(Measure.EVIDENCE).steered().n() > 0)
        .min(
            Comparator.<SiteScore, Boolean>comparing(score -> !score.site().equals(best.site()))
                .thenComparing(SiteScore::damage));
  }

  private static Row middle(Table texts) {
    return texts.sortOn(Measure.EVIDENCE.column(), "cell").row((texts.rowCount() - 1) / 2);
  }

  private static TextExample.Version version(
      String role, String where, @Nullable Point point, String verdict, Row row) {
    return new TextExample.Version(
        role,
        where,
        point,
        verdict,
        row.getString("text"),
        row.getDouble(Measure.EVIDENCE.column()),
        row.getDouble(Measure.FLUENCY.column()));
  }

  private static @Nullable Row find(Table rows, int pair) {
    if (rows.isEmpty()) {
      return null;
    }
    Table found = rows.where(rows.intColumn("pair").isEqualTo(pair));
    return found.isEmpty() ? null : found.row(0);
  }
}
