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
 * @param strength dose-response and effect against fluency
 */
record ReportFigures(
    Map<HookPoint, List<Figure>> layers,
    Map<HookPoint, List<Figure>> heads,
    List<Figure> strength) {
  static ReportFigures of(Report report) {
    SiteMaps maps = new SiteMaps(report.scores());
    Map<HookPoint, List<Figure>> layers = new LinkedHashMap<>();
    Map<HookPoint, List<Figure>> heads = new LinkedHashMap<>();
    for (HookPoint hookPoint : maps.hookPoints()) {
      layers.put(hookPoint, maps.layerByScale(hookPoint));
      List<Figure> byHead = maps.layerByHead(hookPoint);
      if (!byHead.isEmpty()) {
        heads.put(hookPoint, byHead);
      }
    }
    List<Figure> strength = new ArrayList<>();
    DoseResponse.figure(report.scores(), report.findings()).ifPresent(strength::add);
    EffectFluency.figure(report.scores()).ifPresent(strength::add);
    return new ReportFigures(layers, heads, strength);
  }

  List<Figure> all() {
    return Stream.of(layers.values().stream(), heads.values().stream(), Stream.of(strength))
        .flatMap(figures -> figures)
        .flatMap(List::stream)
        .toList();
  }
}
