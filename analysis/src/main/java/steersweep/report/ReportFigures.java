package steersweep.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import steersweep.model.HookPoint;
import steersweep.plan.DoseUnit;
import steersweep.score.ConceptFindings;

/**
 * The report's drawings, concept by concept; the last one is of all concepts together where there
 * are more than one.
 *
 * @param everyConcept all concepts beside each other; empty where there is one
 */
record ReportFigures(Optional<Figure> everyConcept, List<OfConcept> concepts) {
  /** Dose-responses on a page, of all concepts together. */
  private static final int MOST_DOSE_RESPONSES = 100;

  ReportFigures {
    concepts = List.copyOf(concepts);
  }

  /**
   * The drawings of a concept.
   *
   * @param layers layer x setting, pull and damage, and both by layer, by hook point; an empty list
   *     where the plan steers single heads only
   * @param heads layer x head, a drawing for each setting, the first to be shown first; only hook
   *     points where single heads were steered
   * @param equalDamage pull by layer, a drawing for each damage, the first to be shown first
   * @param strength pull against damage
   * @param doseResponses of each site, that of the recommended one in front
   * @param pairs agreement and separation of its pairs of texts by layer, if it has any
   */
  record OfConcept(
      String concept,
      Map<HookPoint, List<Figure>> layers,
      Map<HookPoint, List<Figure>> heads,
      List<Figure> equalDamage,
      List<Figure> strength,
      List<Figure> doseResponses,
      List<Figure> pairs) {
    /** Those that are worth a file. */
    Stream<Figure> all() {
      return Stream.of(
              layers.values().stream().flatMap(List::stream),
              heads.values().stream().flatMap(List::stream),
              equalDamage.stream(),
              strength.stream(),
              doseResponses.stream().limit(1),
              pairs.stream())
          .flatMap(figures -> figures);
    }
  }

  static ReportFigures of(Report report) {
    List<OfConcept> figures = new ArrayList<>();
    List<ConceptFindings> each = report.analysis().each();
    for (ConceptFindings of : each) {
      if (!of.scores().isEmpty()) {
        figures.add(of(of, figures.size() + 1, each.size(), report));
      }
    }
    return new ReportFigures(
        LayerCurve.everyConcept(report.analysis().concepts(), report.budget()), figures);
  }

  private static OfConcept of(ConceptFindings of, int number, int concepts, Report report) {
    double budget = report.budget();
    DoseUnit unit = report.manifest().plan().dose();
    SiteMaps maps = new SiteMaps(of, number, concepts, budget, unit);
    Map<HookPoint, List<Figure>> layers = new LinkedHashMap<>();
    Map<HookPoint, List<Figure>> heads = new LinkedHashMap<>();
    for (HookPoint hookPoint : maps.hookPoints()) {
      List<Figure> byLayer = new ArrayList<>(maps.layerBySetting(hookPoint));
      LayerCurve.measures(of, number, hookPoint).ifPresent(byLayer::add);
      layers.put(hookPoint, byLayer);
      List<Figure> byHead = maps.layerByHead(hookPoint);
      if (!byHead.isEmpty()) {
        heads.put(hookPoint, byHead);
      }
    }
    return new OfConcept(
        of.concept(),
        layers,
        heads,
        LayerCurve.equalDamage(of, number),
        PullDamage.figure(of, number, budget).stream().toList(),
        DoseResponse.figures(of, number, MOST_DOSE_RESPONSES / concepts, unit),
        PairCurves.figures(report.pairs(of.concept()), number));
  }

  List<Figure> all() {
    return Stream.concat(everyConcept.stream(), concepts.stream().flatMap(OfConcept::all)).toList();
  }
}
