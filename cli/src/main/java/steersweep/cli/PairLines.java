package steersweep.cli;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;
import steersweep.result.PairSite;

/** What pairs of texts are to a model, in a few lines: the sites where they agree most. */
final class PairLines {
  /** Sites of a hook point that are named. */
  private static final int MOST_SITES = 3;

  private PairLines() {}

  /** A block for each concept. */
  static void print(List<PairSite> rows, PrintWriter out) {
    rows.stream()
        .collect(Collectors.groupingBy(PairSite::concept, LinkedHashMap::new, Collectors.toList()))
        .forEach((concept, of) -> print(concept, of, out));
  }

  private static void print(String concept, List<PairSite> rows, PrintWriter out) {
    out.printf(
        "pairs         %s, %d of them; where each agrees most with the others (cosine), and how far"
            + " apart the sides are there (d'):%n",
        concept, rows.get(0).pairs());
    TreeMap<HookPoint, List<PairSite>> byHookPoint =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row -> row.site().hookPoint(), TreeMap::new, Collectors.toList()));
    byHookPoint.forEach(
        (hookPoint, of) ->
            out.printf(
                "  %-18s%s%n",
                hookPoint.word(),
                of.stream()
                    .filter(row -> row.agreement() != null)
                    .sorted(Comparator.comparing(PairLines::agreement).reversed())
                    .limit(MOST_SITES)
                    .map(PairLines::words)
                    .collect(Collectors.joining("; "))));
  }

  private static double agreement(PairSite row) {
    return Objects.requireNonNull(row.agreement());
  }

  private static String words(PairSite row) {
    String head = row.site().allHeads() ? "" : " head " + row.site().head();
    return "layer "
        + row.site().layer()
        + head
        + ": "
        + number(row.agreement())
        + ", d' "
        + number(row.separation());
  }

  private static String number(@Nullable Double value) {
    return value == null ? "unknown" : String.format(Locale.ROOT, "%+.2f", value);
  }
}
