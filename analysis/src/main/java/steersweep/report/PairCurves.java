package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import steersweep.result.PairSite;
import steersweep.score.Agreement;
import steersweep.score.Interval;
import steersweep.score.PairFindings;

/** What a concept's pairs of texts were to the model before the sweep, and what that foretold. */
final class PairCurves {
  private PairCurves() {}

  /** Agreement and separation by layer; none where only single heads were steered. */
  static List<Figure> figures(@Nullable PairFindings pairs, int number) {
    List<Figure> figures = new ArrayList<>();
    if (pairs != null && pairs.sites().stream().anyMatch(of -> of.site().allHeads())) {
      figures.add(
          figure(
              "pairs-agreement-" + number,
              "Agreement of pairs by layer: " + pairs.concept(),
              "Mean cosine of each pair’s difference with the mean difference of the other pairs: 1"
                  + " where all texts differ in one direction, 0 where the pairs have nothing in"
                  + " common.",
              "cosine",
              PairSite::agreement,
              pairs));
      figures.add(
          figure(
              "pairs-separation-" + number,
              "Separation of the two sides by layer: " + pairs.concept(),
              "How far positive and negative texts are apart along the mean difference of the other"
                  + " pairs, in standard deviations (d′).",
              "d′",
              PairSite::separation,
              pairs));
    }
    return figures;
  }

  private static Figure figure(
      String id,
      String title,
      String caption,
      String axis,
      Function<PairSite, @Nullable Double> value,
      PairFindings pairs) {
    List<LayerCurve.Mark> marks = new ArrayList<>();
    for (PairSite of : pairs.sites()) {
      Double there = value.apply(of);
      if (of.site().allHeads() && there != null) {
        String words = Labels.site(of.site()) + ": " + axis + " " + Numbers.signed(there);
        marks.add(new LayerCurve.Mark(of.site(), Interval.number(there, of.pairs()), words));
      }
    }
    Html drawing = LayerCurve.beside(id, title, axis, marks);
    return new Figure(id, title, caption, drawing, table(pairs), false);
  }

  private static Html table(PairFindings pairs) {
    Html table = new Html().open("table", "class", "numbers");
    table.columns(List.of("site", "agreement", "d′"));
    for (PairSite of : pairs.sites()) {
      table.open("tr").leaf("th", Labels.site(of.site()), "scope", "row");
      table.leaf("td", number(of.agreement()));
      table.leaf("td", number(of.separation())).close();
    }
    return table.close().close();
  }

  private static String number(@Nullable Double value) {
    return value == null ? Numbers.NOTHING : Numbers.signed(value);
  }

  /** Whether the figures said where steering would pull, in a sentence. */
  static String foretold(PairFindings pairs) {
    String before = pairs.concept() + ": " + pairs.sites().get(0).pairs() + " pairs of texts agree";
    String best =
        pairs.sites().stream()
            .filter(of -> of.agreement() != null)
            .max(Comparator.comparing(of -> of.agreement() == null ? 0 : of.agreement()))
            .map(
                of ->
                    " most at "
                        + Labels.site(of.site())
                        + " (cosine "
                        + number(of.agreement())
                        + ", d′ "
                        + number(of.separation())
                        + ")")
            .orElse(" nowhere that is known");
    if (!pairs.agreement().known() && !pairs.separation().known()) {
      return before + best + ". Too few sites were steered equally far to say what that foretold.";
    }
    return before
        + best
        + ". Rank correlation, over "
        + pairs.agreement().n()
        + " sites, with the pull found at damage "
        + Numbers.fixed(pairs.damage(), 1)
        + ": agreement "
        + words(pairs.agreement())
        + ", separation "
        + words(pairs.separation())
        + ".";
  }

  private static String words(Agreement of) {
    return of.known()
        ? Numbers.signed(of.correlation())
            + " ["
            + Numbers.signed(of.low())
            + ", "
            + Numbers.signed(of.high())
            + "]"
        : "unknown";
  }
}
