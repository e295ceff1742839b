package steersweep.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import steersweep.model.HookPoint;
import steersweep.score.ConceptFindings;

/**
 * The report's drawings, concept by concept; the last one is of all concepts together where there
 * are more than one.
 */
record ReportFigures(List<OfConcept> concepts) {
  ReportFigures {
    concepts = List.copyOf(concepts);
  }

  /**
   * The drawings of a concept.
   *
   * @param layers layer x setting, pull and damage, by hook point; an empty list where the plan
   *     steers single heads only
   * @param heads layer x head, a drawing for each setting, the first to be shown first; only hook
   *     points where single heads were steered
   * @param equalDamage pull by layer, a drawing for each damage, the first to be shown first
   * @param strength pull against damage, then the dose-response of its site
   * @param pairs agreement and separation of its pairs of texts by layer, if it has any
   */
  record OfConcept(
      String concept,
      Map<HookPoint, List<Figure>> layers,
      Map<HookPoint, List<Figure>> heads,
      List<Figure> equalDamage,
      List<Figure> strength,
      List<Figure> pairs) {
    Stream<Figure> all() {
      return Stream.of(
              layers.values().stream().flatMap(List::stream),
              heads.values().stream().flatMap(List::stream),
              equalDamage.stream(),
              strength.stream(),
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
    return new ReportFigures(figures);
  }

  private static OfConcept of(ConceptFindings of, int number, int concepts, Report report) {
    double budget = report.budget();
    SiteMaps maps = new SiteMaps(of, number, concepts, budget);
    Map<HookPoint, List<Figure>> layers = new LinkedHashMap<>();
    Map<HookPoint, List<Figure>> heads = new LinkedHashMap<>();
    for (HookPoint hookPoint : maps.hookPoints()) {
      layers.put(hookPoint, maps.layerBySetting(hookPoint));
      List<Figure> byHead = maps.layerByHead(hookPoint);
      if (!byHead.isEmpty()) {
        heads.put(hookPoint, byHead);
      }
    }
    List<Figure> strength = new ArrayList<>();
    PullDamage.figure(of, number, budget).ifPresent(strength::add);
    DoseResponse.figure(of, number).ifPresent(strength::add);
    return new OfConcept(
        of.concept(),
        layers,
        heads,
        LayerCurve.figures(of, number),
        strength,
        PairCurves.figures(report.pairs(of.concept()), number));
  }

  List<Figure> all() {
    return concepts.stream().flatMap(OfConcept::all).toList();
  }
}
