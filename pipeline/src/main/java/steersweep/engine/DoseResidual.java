package steersweep.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  /** Cells of one layer that are worth a batch of their own: only that layer is run. */
  private static final int WORTH_A_BATCH = 32;

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
    measured.sort(Comparator.comparingInt(i -> layer(requests.get(i))));
    int length =
        requests.stream().mapToInt(r -> r.baseline().base().tokens().length).max().orElse(1);
    int most = engine.passRows(batchSize, length);
    int to;
    for (int from = 0; from < measured.size(); from = to) {
      to = Math.min(from + most, measured.size());
      int lowest = layer(requests.get(measured.get(from)));
      while (to - from > WORTH_A_BATCH && layer(requests.get(measured.get(to - 1))) > lowest) {
        to--;
      }
      List<Integer> some = measured.subList(from, to);
      engine
          .batches()
          .run(
              some,
              part -> {
                double[] ofPart = doses.measure(part.stream().map(requests::get).toList());
                for (int i = 0; i < ofPart.length; i++) {
                  found[part.get(i)] = ofPart[i];
                }
              });
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
    Span span = span(request, hookPoint(request));
    float[] additions = request.steering().at(hookPoint(request), layer(request));
    double sum = 0;
    for (int position = 0; position < span.positions; position++) {
      OptionalInt row = request.steering().row(request.positions(), position);
      double size =
          row.isEmpty()
              ? 0
              : Dose.norm(additions, row.getAsInt() * shape.dModel(), 0, shape.dModel());
      sum += Math.abs(request.scale()) * size / there(request, span.first + position);
    }
    return sum / span.positions;
  }

  /** Which of the base prompt's tokens are positions of a hook point. */
  private record Span(int first, int positions) {}

  private Span span(Steer.Request request, HookPoint hookPoint) {
    int[] tokens = request.baseline().base().tokens();
    int source = shape.source(tokens);
    return new Span(hookPoint.first(source), hookPoint.positions(source, tokens.length));
  }

  /** Size of the unsteered residual stream after the block. */
  private static double there(Steer.Request request, int position) {
    return request.baseline().continuation().norm(layer(request), position);
  }

  private static int layer(Steer.Request request) {
    return Objects.requireNonNull(request.site()).layer();
  }

  /**
   * Rows of one batch: each base prompt unsteered, then the requests. Only the requests' layers are
   * run, on the residual stream that is known of the base prompts.
   */
  private double[] measure(List<Steer.Request> requests) {
    Map<Activations, Integer> steering =
        Steer.numbered(requests.stream().map(Steer.Request::steering).toList());
    Bank bank = Steer.bank(engine, steering);
    Batch batch = new Batch(bank);
    Map<Baseline, Integer> unsteered = new IdentityHashMap<>();
    List<Baseline> ofRows = new ArrayList<>();
    for (Steer.Request request : requests) {
      Baseline baseline = request.baseline();
      if (!unsteered.containsKey(baseline)) {
        unsteered.put(baseline, batch.add(baseline.base().tokens()));
        ofRows.add(baseline);
      }
    }
    int first = batch.size();
    Set<String> outputs = new HashSet<>();
    for (Steer.Request request : requests) {
      int prompt = steering.getOrDefault(request.steering(), 0);
      batch.add(Steer.row(request, request.baseline().base().tokens(), bank, prompt));
      outputs.add(tap(request));
      ofRows.add(request.baseline());
    }
    runOnlyLayersOf(requests, batch, ofRows);
    BatchResult result = engine.run(batch, outputs);
    double[] doses = new double[requests.size()];
    for (int i = 0; i < doses.length; i++) {
      Steer.Request request = requests.get(i);
      int without = unsteered.getOrDefault(request.baseline(), 0);
      int length = hookPoint(request).inEncoder() ? batch.sourceLength() : batch.length();
      doses[i] = written(request, result.get(tap(request)), first + i, without, length);
    }
    return doses;
  }

  private void runOnlyLayersOf(List<Steer.Request> requests, Batch batch, List<Baseline> ofRows) {
    int lowest = requests.stream().mapToInt(DoseResidual::layer).min().orElse(0);
    batch.stopAfter(requests.stream().mapToInt(DoseResidual::layer).max().orElse(0));
    if (lowest == 0
        || !ofRows.stream().allMatch(baseline -> baseline.continuation().startsAt(lowest))) {
      return;
    }
    Map<Baseline, float[]> starts = new IdentityHashMap<>();
    for (int row = 0; row < ofRows.size(); row++) {
      float[] start = starts.computeIfAbsent(ofRows.get(row), of -> start(of, lowest));
      batch.start(lowest, row, start);
    }
  }

  /** The residual stream at the base prompt's tokens. */
  private float[] start(Baseline baseline, int layer) {
    float[] alongText = baseline.continuation().residual(layer);
    return Arrays.copyOf(alongText, baseline.base().tokens().length * shape.dModel());
  }

  private static String tap(Steer.Request request) {
    return hookPoint(request).written().tap(layer(request));
  }

  /**
   * @param attention attention outputs, [batch * length * d_model]
   * @param with row of the request
   * @param without row of its base prompt, unsteered
   */
  private double written(
      Steer.Request request, float[] attention, int with, int without, int length) {
    int width = shape.dModel();
    Span span = span(request, hookPoint(request).written());
    float[] difference = new float[width];
    double sum = 0;
    for (int position = 0; position < span.positions; position++) {
      int pad = length - span.positions + position; // rows are padded on the left
      for (int i = 0; i < width; i++) {
        difference[i] =
            attention[(with * length + pad) * width + i]
                - attention[(without * length + pad) * width + i];
      }
      sum += Dose.norm(difference, 0, 0, width) / there(request, span.first + position);
    }
    return sum / span.positions;
  }
}
