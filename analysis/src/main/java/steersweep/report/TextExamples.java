package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Site;
import steersweep.score.Findings;
import steersweep.score.Outcome;
import steersweep.score.ResultTables;
import steersweep.score.SiteScore;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/**
 * Picks the texts to show: for each concept the prompt pair with the middle effect at the best site
 * and scale, so that the examples are neither the luckiest nor the unluckiest texts of the sweep,
 * and the same pair again where the steering is turned round or too strong.
 */
final class TextExamples {
  static final String BEST = "best";
  static final String CLOSEST = "closest (not confirmed)";
  static final String LARGEST = "largest effect (does not pass)";
  static final String OPPOSITE = "opposite";
  static final String BROKEN = "broken";
  static final String PROMPTED = "prompted instead";

  private TextExamples() {}

  static List<TextExample> pick(ResultTables tables, List<SiteScore> scores, Findings findings) {
    Optional<SiteScore> shown = shown(findings);
    if (shown.isEmpty()) {
      return List.of();
    }
    SiteScore best = shown.get();
    Map<String, SiteScore> roles = new LinkedHashMap<>();
    roles.put(role(findings), best);
    opposite(best, scores).ifPresent(score -> roles.put(OPPOSITE, score));
    broken(best.site(), scores).ifPresent(score -> roles.put(BROKEN, score));
    Map<String, Table> rows = new LinkedHashMap<>();
    roles.forEach((role, score) -> rows.put(role, tables.rows(score)));

    Table chosen = rows.values().iterator().next();
    List<TextExample> examples = new ArrayList<>();
    for (String concept : concepts(chosen)) {
      Table pairs = chosen.where(chosen.stringColumn("concept").isEqualTo(concept));
      examples.add(example(middle(pairs), roles, rows, tables.prompted()));
    }
    return examples;
  }

  private static String role(Findings findings) {
    return findings.best().isPresent()
        ? BEST
        : findings.recommendation().score() == null ? LARGEST : CLOSEST;
  }

  /** The recommended site and scale; if there is none, the one that came closest. */
  static Optional<SiteScore> shown(Findings findings) {
    return findings
        .best()
        .or(() -> Optional.ofNullable(findings.recommendation().score()))
        .or(findings::largest);
  }

  /** Concepts in the plan's order. */
  static List<String> concepts(Table rows) {
    return List.copyOf(new LinkedHashSet<>(rows.sortOn("pair").stringColumn("concept").asList()));
  }

  /** At the best site the negative scale that moves texts furthest away without breaking them. */
  private static Optional<SiteScore> opposite(SiteScore best, List<SiteScore> scores) {
    return scores.stream()
        .filter(score -> score.site().equals(best.site()) && score.scale() < 0)
        .min(
            Comparator.<SiteScore, Boolean>comparing(score -> score.is(Outcome.INCOHERENT))
                .thenComparing(SiteScore::meanEffect));
  }

  /** The least fluent incoherent scale of the best site, else of any site. */
  private static Optional<SiteScore> broken(Site best, List<SiteScore> scores) {
    return scores.stream()
        .filter(score -> score.is(Outcome.INCOHERENT))
        .min(
            Comparator.<SiteScore, Boolean>comparing(score -> !score.site().equals(best))
                .thenComparing(SiteScore::fluency));
  }

  private static Row middle(Table pairs) {
    return pairs.sortOn(ResultTables.EFFECT).row((pairs.rowCount() - 1) / 2);
  }

  private static TextExample example(
      Row pair, Map<String, SiteScore> roles, Map<String, Table> rows, Table prompted) {
    List<TextExample.Version> versions = new ArrayList<>();
    roles.forEach(
        (role, score) -> {
          Row row = find(rows.getOrDefault(role, Table.create()), pair.getInt("pair"));
          if (row != null) {
            versions.add(version(role, Labels.siteAndScale(score), Labels.verdict(score), row));
          }
        });
    Row plain = find(prompted, pair.getInt("pair"));
    if (plain != null) {
      String where = "steering prompt + base prompt as plain text";
      versions.add(version(PROMPTED, where, "", plain));
    }
    return new TextExample(
        pair.getLong("cell"),
        pair.getString("concept"),
        pair.getString("base_prompt"),
        pair.getString("steering_prompt"),
        pair.getString(ResultTables.BASELINE_TEXT),
        versions);
  }

  private static TextExample.Version version(String role, String where, String verdict, Row row) {
    return new TextExample.Version(
        role,
        where,
        verdict,
        row.getString("text"),
        row.getDouble(ResultTables.EFFECT),
        row.getDouble("fluency"));
  }

  private static @Nullable Row find(Table rows, int pair) {
    if (rows.isEmpty()) {
      return null;
    }
    Table found = rows.where(rows.intColumn("pair").isEqualTo(pair));
    return found.isEmpty() ? null : found.row(0);
  }
}
