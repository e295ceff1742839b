package steersweep.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import steersweep.model.ModelShape;

/**
 * Which readings share a run of the graph. Those of one layer start there together; those of one
 * continuation share what they are compared with. Of the two orders the one with less work is
 * taken.
 */
final class ReadingBatches {
  /** Cells of one layer that are worth a batch of their own, started at that layer. */
  private static final int WORTH_A_BATCH = 32;

  private ReadingBatches() {}

  static List<List<Steer.Reading>> of(Engine engine, List<Steer.Reading> readings, int batchSize) {
    Map<Continuation, Integer> numbers =
        Steer.numbered(readings.stream().map(Steer.Reading::along).toList());
    Comparator<Steer.Reading> byLayer = Comparator.comparingInt(ReadingBatches::firstLayer);
    Comparator<Steer.Reading> byText =
        Comparator.<Steer.Reading>comparingInt(reading -> length(reading))
            .thenComparingInt(reading -> numbers.getOrDefault(reading.along(), 0));
    List<List<Steer.Reading>> layersFirst =
        cut(engine, sorted(readings, byLayer.thenComparing(byText)), batchSize);
    List<List<Steer.Reading>> textsFirst =
        cut(engine, sorted(readings, byText.thenComparing(byLayer)), batchSize);
    ModelShape shape = engine.shape();
    return work(shape, textsFirst) < work(shape, layersFirst) ? textsFirst : layersFirst;
  }

  private static List<Steer.Reading> sorted(
      List<Steer.Reading> readings, Comparator<Steer.Reading> order) {
    return readings.stream().sorted(order).toList();
  }

  /** Cut where the layer or text changes, if the batch is worth it, and where it is full. */
  private static List<List<Steer.Reading>> cut(
      Engine engine, List<Steer.Reading> order, int batchSize) {
    List<List<Steer.Reading>> batches = new ArrayList<>();
    int from = 0;
    for (int i = 1; i < order.size(); i++) {
      Steer.Reading reading = order.get(i);
      Steer.Reading before = order.get(i - 1);
      boolean full = i - from >= engine.passRows(batchSize, longest(order.get(from), reading));
      boolean other =
          i - from >= WORTH_A_BATCH
              && (firstLayer(reading) != firstLayer(before) || reading.along() != before.along());
      if (full || other) {
        batches.add(order.subList(from, i));
        from = i;
      }
    }
    if (!order.isEmpty()) {
      batches.add(order.subList(from, order.size()));
    }
    return batches;
  }

  private static int longest(Steer.Reading one, Steer.Reading other) {
    return Math.max(length(one), length(other));
  }

  private static int length(Steer.Reading reading) {
    return reading.along().text().input().length;
  }

  /** The lowest of all, if every row can start there. */
  static int firstLayer(List<Steer.Reading> readings) {
    int lowest = readings.stream().mapToInt(ReadingBatches::firstLayer).min().orElse(0);
    return readings.stream().allMatch(reading -> reading.along().startsAt(lowest)) ? lowest : 0;
  }

  private static int firstLayer(Steer.Reading reading) {
    return reading.firstLayer();
  }

  /** Multiplications of batches, about: layers over all tokens, and the output layer. */
  private static double work(ModelShape shape, List<List<Steer.Reading>> batches) {
    return batches.stream().mapToDouble(batch -> work(shape, firstLayer(batch), batch)).sum();
  }

  private static double work(ModelShape shape, int firstLayer, List<Steer.Reading> batch) {
    int length = batch.stream().mapToInt(ReadingBatches::length).max().orElse(0);
    int places =
        batch.stream().mapToInt(one -> one.along().text().continuation().size()).max().orElse(0);
    Set<Continuation> references = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Steer.Reading reading : batch) {
      references.add(reading.along());
      for (Axis axis : reading.axes()) {
        references.addAll(axis.plus());
        references.addAll(axis.minus());
      }
    }
    double layers = (double) (shape.nLayers() - firstLayer) * shape.layerParameters();
    double output = (double) shape.nVocab() * shape.dModel();
    return batch.size() * length * layers + (batch.size() + references.size()) * places * output;
  }
}
