package steersweep.engine;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import steersweep.model.GraphNames;

/**
 * Cells read along a given continuation instead of their own, most often the baseline's: one pass
 * gives at every position the token that the steered model would choose, the log-probability of the
 * token that stands there, and how the steered model's distribution differs from the unsteered
 * one's. Below the steered layer everything is as in the unsteered model's own pass, so the pass
 * starts from the residual stream there.
 */
final class ReadAlong {
  private static final Set<String> COMPARED =
      Set.of(
          GraphNames.BEST_TOKEN,
          GraphNames.BEST_LOGPROB,
          GraphNames.BEST_MARGIN,
          GraphNames.KL,
          GraphNames.CHANGE_VARIANCE,
          GraphNames.PULL,
          GraphNames.AXIS_COVARIANCE,
          GraphNames.AXIS_VARIANCE,
          GraphNames.AXIS_PULL);

  private ReadAlong() {}

  /** What cells do along their continuations, in the order given. */
  static List<Response> responses(Engine engine, List<Steer.Reading> readings, int batchSize) {
    Map<Steer.Reading, Response> responses = new IdentityHashMap<>();
    inBatches(
        engine,
        readings,
        batchSize,
        (batch, some) -> {
          List<int[]> axes =
              some.stream().map(one -> batch.compare(one.along(), one.axes())).toList();
          Responses read = new Responses(batch, engine.run(batch, COMPARED));
          for (int row = 0; row < some.size(); row++) {
            responses.put(some.get(row), read.of(row, axes.get(row), some.get(row)));
          }
        });
    return readings.stream().map(responses::get).toList();
  }

  /**
   * Mean log-probability that the steered model gives to the tokens of each continuation, nats, in
   * the order given.
   */
  static double[] meanLogprobs(Engine engine, List<Steer.Reading> readings, int batchSize) {
    Map<Steer.Reading, Double> means = new IdentityHashMap<>();
    inBatches(
        engine,
        readings,
        batchSize,
        (batch, some) -> {
          BatchResult result = engine.run(batch, Set.of(GraphNames.TARGET_LOGPROBS));
          for (int row = 0; row < some.size(); row++) {
            means.put(some.get(row), batch.mean(result, GraphNames.TARGET_LOGPROBS, row));
          }
        });
    return readings.stream().mapToDouble(means::get).toArray();
  }

  /**
   * @param run does with a batch, and the readings that are its rows, what is to be done
   */
  private static void inBatches(
      Engine engine,
      List<Steer.Reading> readings,
      int batchSize,
      BiConsumer<Batch, List<Steer.Reading>> run) {
    for (List<Steer.Reading> together : ReadingBatches.of(engine, readings, batchSize)) {
      engine.batches().run(together, some -> run.accept(batch(engine, some), some));
    }
  }

  private static Batch batch(Engine engine, List<Steer.Reading> readings) {
    Map<Activations, Integer> steering =
        Steer.numbered(readings.stream().map(reading -> reading.request().steering()).toList());
    Bank bank = Steer.bank(engine, steering);
    Batch batch = new Batch(bank);
    for (Steer.Reading reading : readings) {
      int prompt = steering.getOrDefault(reading.request().steering(), 0);
      Score.Text text = reading.along().text();
      text.score(batch, batch.add(Steer.row(reading.request(), text.input(), bank, prompt)));
    }
    int layer = ReadingBatches.firstLayer(readings);
    for (int row = 0; layer > 0 && row < readings.size(); row++) {
      batch.start(layer, row, readings.get(row).along().residual(layer));
    }
    return batch;
  }

  /** One batch's result, taken apart row by row. */
  private record Responses(Batch batch, BatchResult result) {
    /**
     * @param axes numbers of the reading's axes in this batch
     */
    Response of(int row, int[] axes, Steer.Reading reading) {
      List<Integer> text = reading.along().text().continuation();
      double[] pulls = new double[axes.length];
      double[] alignments = new double[axes.length];
      double[] prompting = new double[axes.length];
      for (int i = 0; i < axes.length; i++) {
        int axis = axes[i];
        pulls[i] = sum(GraphNames.PULL, row, axis, text.size()) / text.size();
        alignments[i] = alignment(row, axis, text.size());
        prompting[i] = sumOfAxis(GraphNames.AXIS_PULL, axis, text.size()) / text.size();
      }
      return new Response(
          departure(row, text),
          atLeastZero(batch.mean(result, GraphNames.KL, row)),
          atLeastZero(result.get(GraphNames.KL)[batch.result(row, 0)]),
          pulls,
          alignments,
          prompting);
    }

    /** Rounding can take a number that is never negative below 0; what is not one stays so. */
    private static double atLeastZero(double value) {
      return Math.max(0, value);
    }

    private double alignment(int row, int axis, int places) {
      double changes = batch.mean(result, GraphNames.CHANGE_VARIANCE, row) * places;
      double ofAxis = sumOfAxis(GraphNames.AXIS_VARIANCE, axis, places);
      return changes <= 0 || ofAxis <= 0
          ? 0
          : sum(GraphNames.AXIS_COVARIANCE, row, axis, places) / Math.sqrt(changes * ofAxis);
    }

    /** Over places, of an output of [places, scored, axes]. */
    private double sum(String output, int row, int axis, int places) {
      double sum = 0;
      for (int place = 0; place < places; place++) {
        sum += result.get(output)[batch.result(row, place) * axes() + axis];
      }
      return sum;
    }

    /** Over places, of an output of [places, axes]. */
    private double sumOfAxis(String output, int axis, int places) {
      double sum = 0;
      for (int place = 0; place < places; place++) {
        sum += result.get(output)[place * axes() + axis];
      }
      return sum;
    }

    private int axes() {
      return batch.comparison().axes();
    }

    private Departure departure(int row, List<Integer> text) {
      long[] best = result.integers(GraphNames.BEST_TOKEN);
      int agreed = 0;
      while (agreed < text.size() && best[batch.result(row, agreed)] == text.get(agreed)) {
        agreed++;
      }
      boolean leaves = agreed < text.size();
      float[] logprobs = new float[leaves ? agreed + 1 : agreed];
      double margin = Double.POSITIVE_INFINITY;
      for (int i = 0; i < logprobs.length; i++) {
        int at = batch.result(row, i);
        logprobs[i] = result.get(GraphNames.BEST_LOGPROB)[at];
        margin = Math.min(margin, result.get(GraphNames.BEST_MARGIN)[at]);
      }
      int next = leaves ? Math.toIntExact(best[batch.result(row, agreed)]) : Departure.NONE;
      return new Departure(agreed, next, margin, logprobs);
    }
  }
}
