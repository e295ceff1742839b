package steersweep.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * How large what an addition writes into the residual stream is, relative to the unsteered residual
 * stream after that block: the mean over the base prompt's positions of the ratio of norms. At hook
 * points that are d_model wide that is the addition itself. What is added to values and head
 * outputs reaches the residual stream through attention and o_proj, so it is measured: in a pass
 * over the prompt, the attention output with the addition minus the one without. Attention weights
 * do not depend on values, so this is exact, for any position rule and for grouped queries, and
 * proportional to the scale.
 */
public final class DoseResidual {
  private final Engine engine;
  private final ModelShape shape;

  private DoseResidual(Engine engine) {
    this.engine = engine;
    this.shape = engine.shape();
  }

  /**
   * One number for each request, at its scale.
   *
   * @param requests cells with a site
   * @param batchSize most cells in one run of the graph
   */
  public static double[] of(Engine engine, List<Steer.Request> requests, int batchSize) {
    DoseResidual doses = new DoseResidual(engine);
    double[] found = new double[requests.size()];
    List<Integer> measured = new ArrayList<>();
    for (int i = 0; i < found.length; i++) {
      Steer.Request request = requests.get(i);
      if (hookPoint(request).hasHeads()) {
        measured.add(i);
      } else {
        found[i] = doses.direct(request);
      }
    }
    measured.sort(Comparator.comparingInt(i -> requests.get(i).firstLayer()));
    for (int from = 0; from < measured.size(); from += batchSize) {
      List<Integer> some = measured.subList(from, Math.min(from + batchSize, measured.size()));
      double[] ofSome = doses.measure(some.stream().map(requests::get).toList());
      for (int i = 0; i < ofSome.length; i++) {
        found[some.get(i)] = ofSome[i];
      }
    }
    return found;
  }

  private static HookPoint hookPoint(Steer.Request request) {
    if (request.site() == null) {
      throw new IllegalArgumentException("nothing is added without a site");
    }
    return request.site().hookPoint();
  }

  private double direct(Steer.Request request) {
    int positions = request.baseline().base().tokens().length;
    float[] additions = request.steering().at(hookPoint(request), request.firstLayer());
    double sum = 0;
    for (int position = 0; position < positions; position++) {
      OptionalInt row = request.steering().row(request.positions(), position);
      double size =
          row.isEmpty()
              ? 0
              : Dose.norm(additions, row.getAsInt() * shape.dModel(), 0, shape.dModel());
      sum += Math.abs(request.scale()) * size / there(request, position);
    }
    return sum / positions;
  }

  /** Size of the unsteered residual stream after the block. */
  private double there(Steer.Request request, int position) {
    float[] residual = request.baseline().residuals()[request.firstLayer() + 1];
    return Dose.norm(residual, position * shape.dModel(), 0, shape.dModel());
  }

  /** Rows of one batch: each base prompt unsteered, then the requests. */
  private double[] measure(List<Steer.Request> requests) {
    Map<Activations, Integer> steering =
        Steer.numbered(requests.stream().map(Steer.Request::steering).toList());
    Bank bank = Steer.bank(engine, steering);
    Batch batch = new Batch(bank);
    Map<Baseline, Integer> unsteered = new IdentityHashMap<>();
    for (Steer.Request request : requests) {
      Baseline baseline = request.baseline();
      unsteered.computeIfAbsent(baseline, of -> batch.add(of.base().tokens()));
    }
    int first = batch.size();
    Set<String> outputs = new HashSet<>();
    for (Steer.Request request : requests) {
      int prompt = steering.getOrDefault(request.steering(), 0);
      batch.add(Steer.row(request, request.baseline().base().tokens(), bank, prompt));
      outputs.add(tap(request));
    }
    BatchResult result = engine.run(batch, outputs);
    double[] doses = new double[requests.size()];
    for (int i = 0; i < doses.length; i++) {
      Steer.Request request = requests.get(i);
      int without = unsteered.getOrDefault(request.baseline(), 0);
      doses[i] = written(request, result.get(tap(request)), first + i, without, batch.length());
    }
    return doses;
  }

  private static String tap(Steer.Request request) {
    return HookPoint.ATTENTION_OUTPUT.tap(request.firstLayer());
  }

  /**
   * @param attention attention outputs, [batch * length * d_model]
   * @param with row of the request
   * @param without row of its base prompt, unsteered
   */
  private double written(
      Steer.Request request, float[] attention, int with, int without, int length) {
    int width = shape.dModel();
    int positions = request.baseline().base().tokens().length;
    float[] difference = new float[width];
    double sum = 0;
    for (int position = 0; position < positions; position++) {
      int pad = length - positions + position; // rows are padded on the left
      for (int i = 0; i < width; i++) {
        difference[i] =
            attention[(with * length + pad) * width + i]
                - attention[(without * length + pad) * width + i];
      }
      sum += Dose.norm(difference, 0, 0, width) / there(request, position);
    }
    return sum / positions;
  }
}
