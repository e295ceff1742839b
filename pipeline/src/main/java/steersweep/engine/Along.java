package steersweep.engine;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import steersweep.model.GraphNames;

/** What the steered model thinks of given continuations: one pass each, no decoding. */
public final class Along {
  private Along() {}

  /**
   * A cell and a text that it did not choose.
   *
   * @param continuation one token at least
   */
  public record Reading(Steer.Request request, List<Integer> continuation) {
    public Reading {
      continuation = List.copyOf(continuation);
    }

    private int[] input() {
      return new Score.Text(request.baseline().base().tokens(), continuation).input();
    }
  }

  /**
   * Mean over the continuation's tokens of the steered model's log p(token | base prompt and tokens
   * before), in nats.
   *
   * @param batchSize most readings in one run of the graph
   * @return one number for each reading, in the order given
   */
  public static double[] meanLogprobs(Engine engine, List<Reading> readings, int batchSize) {
    // neighbours of like length, so that little is padded
    List<Integer> order =
        IntStream.range(0, readings.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> readings.get(i).input().length))
            .toList();
    double[] means = new double[readings.size()];
    for (int from = 0; from < order.size(); from += batchSize) {
      List<Integer> some = order.subList(from, Math.min(from + batchSize, order.size()));
      double[] scored = run(engine, some.stream().map(readings::get).toList());
      for (int i = 0; i < scored.length; i++) {
        means[some.get(i)] = scored[i];
      }
    }
    return means;
  }

  private static double[] run(Engine engine, List<Reading> readings) {
    Map<Activations, Integer> steering =
        Steer.numbered(readings.stream().map(reading -> reading.request().steering()).toList());
    Bank bank = Steer.bank(engine, steering);
    Batch batch = new Batch(bank);
    for (Reading reading : readings) {
      int prompt = steering.getOrDefault(reading.request().steering(), 0);
      int row = batch.add(Steer.row(reading.request(), reading.input(), bank, prompt));
      int last = reading.request().baseline().base().tokens().length - 1;
      for (int i = 0; i < reading.continuation().size(); i++) {
        batch.score(row, last + i, reading.continuation().get(i));
      }
    }
    float[] logprobs =
        engine.run(batch, Set.of(GraphNames.TARGET_LOGPROBS)).get(GraphNames.TARGET_LOGPROBS);
    double[] means = new double[readings.size()];
    for (int i = 0; i < means.length; i++) {
      int row = i;
      means[i] =
          IntStream.range(0, readings.get(i).continuation().size())
              .mapToDouble(place -> logprobs[batch.result(row, place)])
              .average()
              .orElse(Double.NaN);
    }
    return means;
  }
}
