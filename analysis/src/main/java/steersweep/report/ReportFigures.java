package steersweep.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import steersweep.model.HookPoint;

/**
 * The report's drawings.
 *
 * @param layers layer x scale, effect and fluency, by hook point; an empty list where the plan
 *     steers single heads only
 * @param heads layer x head, a drawing for each scale, the first to be shown first; only hook
 *     points where single heads were steered
 * @param doses layer x dose of each hook point
 * @param headDoses layer x head at a dose, the first to be shown first
 * @param comparisons values and block outputs beside each other, a drawing for each dose, the first
 *     to be shown first
 * @param strength effect against fluency, then the dose-response of a few sites
 */
record ReportFigures(
    Map<HookPoint, List<Figure>> layers,
    Map<HookPoint, List<Figure>> heads,
    List<Figure> doses,
    Map<HookPoint, List<Figure>> headDoses,
    List<Figure> comparisons,
    List<Figure> strength) {
  static ReportFigures of(Report report) {
    SiteMaps maps = new SiteMaps(report.scores(), report.findings().skipped());
    Map<HookPoint, List<Figure>> layers = new LinkedHashMap<>();
    Map<HookPoint, List<Figure>> heads = new LinkedHashMap<>();
    for (HookPoint hookPoint : maps.hookPoints()) {
      layers.put(hookPoint, maps.layerByScale(hookPoint));
      List<Figure> byHead = maps.layerByHead(hookPoint);
      if (!byHead.isEmpty()) {
        heads.put(hookPoint, byHead);
      }
    }
    DoseMaps doses = new DoseMaps(report.equalDose(), report.scores());
    List<Figure> strength = new ArrayList<>();
    EffectFluency.figure(report.scores()).ifPresent(strength::add);
    strength.addAll(DoseResponse.figures(report.scores(), report.findings()));
    return new ReportFigures(
        layers,
        heads,
        doses.layers(),
        doses.heads(),
        DoseComparison.figures(report.equalDose(), report.scores()),
        strength);
  }

  List<Figure> all() {
    return Stream.of(
            layers.values().stream(),
            heads.values().stream(),
            headDoses.values().stream(),
            Stream.of(doses, comparisons, strength))
        .flatMap(figures -> figures)
        .flatMap(List::stream)
        .toList();
  }
}
