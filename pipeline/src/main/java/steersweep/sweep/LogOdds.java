package steersweep.sweep;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Continuation;
import steersweep.engine.Engine;
import steersweep.engine.Score;
import steersweep.engine.Steer;
import steersweep.plan.CellKind;

/** By how much cells change the log-probability of the continuations that a plan names. */
final class LogOdds {
  private final Map<PlacedCell, Map<Continuation, Double>> logprobs = new IdentityHashMap<>();

  /**
   * @param cells those that will be asked for
   */
  LogOdds(Engine engine, List<PlacedCell> cells, int batchSize) {
    List<Read> steered = new ArrayList<>();
    List<Read> prompted = new ArrayList<>();
    for (PlacedCell cell : cells) {
      if (cell.request() != null) {
        named(cell.context()).forEach(text -> steered.add(new Read(cell, text)));
      } else if (cell.cell().kind() == CellKind.PROMPTED) {
        named(cell.context()).forEach(text -> prompted.add(new Read(cell, text)));
      }
    }
    put(
        steered,
        Steer.meanLogprobs(engine, steered.stream().map(Read::steered).toList(), batchSize));
    put(
        prompted,
        Score.meanLogprobs(engine, prompted.stream().map(Read::prompted).toList(), batchSize));
  }

  /** A cell's model reads a text. */
  private record Read(PlacedCell cell, Continuation text) {
    Steer.Reading steered() {
      return new Steer.Reading(cell.steered(), text, List.of());
    }

    /** A prompted cell's model is the unsteered one, after another prompt. */
    Score.Text prompted() {
      return new Score.Text(cell.context().joined(), text.text().continuation());
    }
  }

  private void put(List<Read> reads, double[] means) {
    for (int i = 0; i < means.length; i++) {
      logprobs
          .computeIfAbsent(reads.get(i).cell(), of -> new IdentityHashMap<>())
          .put(reads.get(i).text(), means[i]);
    }
  }

  private static List<Continuation> named(PairContext context) {
    List<Continuation> named = new ArrayList<>(context.targets());
    named.addAll(context.contrasts());
    return named;
  }

  /** Nats; null if the cell's concept names no continuations. */
  @Nullable Double of(PlacedCell cell) {
    PairContext context = cell.context();
    return context.targets().isEmpty()
        ? null
        : mean(cell, context.targets()) - mean(cell, context.contrasts());
  }

  /** Mean shift of whole continuations, nats. */
  private double mean(PlacedCell cell, List<Continuation> continuations) {
    return continuations.stream()
        .mapToDouble(
            continuation -> shift(cell, continuation) * continuation.text().continuation().size())
        .average()
        .orElseThrow();
  }

  /** Nats per token by which a continuation became likelier; 0 for the baseline. */
  private double shift(PlacedCell cell, Continuation continuation) {
    Map<Continuation, Double> ofCell = logprobs.getOrDefault(cell, Map.of());
    return ofCell.getOrDefault(continuation, continuation.meanLogprob())
        - continuation.meanLogprob();
  }
}
