package steersweep.sweep;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Continuation;
import steersweep.engine.Engine;
import steersweep.engine.Response;
import steersweep.engine.Score;
import steersweep.engine.Steer;
import steersweep.measure.Measure;
import steersweep.measure.Measures;
import steersweep.plan.CellKind;

/** Measures cells without a generated text of theirs: the model reads given texts. */
final class TextFreeScores {
  private TextFreeScores() {}

  /**
   * What is measured of some cells.
   *
   * @param responses of every cell that is steered
   */
  static Map<PlacedCell, Measures> of(
      Engine engine, List<PlacedCell> cells, Map<PlacedCell, Response> responses, int batchSize) {
    Shifts shifts = new Shifts(engine, cells, batchSize);
    Map<PlacedCell, Measures> scores = new IdentityHashMap<>();
    for (PlacedCell cell : cells) {
      scores.put(
          cell,
          Measures.NONE
              .with(Measure.DAMAGE_LAST, kl(cell, responses.get(cell), Response::damageLast))
              .with(Measure.DAMAGE, kl(cell, responses.get(cell), Response::damage))
              .with(Measure.LOG_ODDS, shifts.logOdds(cell)));
    }
    return scores;
  }

  /** Null where the prompt itself was changed, 0 where nothing was. */
  private static @Nullable Double kl(
      PlacedCell cell, @Nullable Response response, ToDoubleFunction<Response> damage) {
    if (cell.cell().kind() == CellKind.PROMPTED) {
      return null;
    }
    return response == null ? 0 : damage.applyAsDouble(response);
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

  /** By how much cells change the log-probability of the given continuations. */
  private static final class Shifts {
    private final Map<PlacedCell, Map<Continuation, Double>> logprobs = new IdentityHashMap<>();

    Shifts(Engine engine, List<PlacedCell> cells, int batchSize) {
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

    /** Nats per token by which a continuation became likelier; 0 for the baseline. */
    private double shift(PlacedCell cell, Continuation continuation) {
      Map<Continuation, Double> ofCell = logprobs.getOrDefault(cell, Map.of());
      return ofCell.getOrDefault(continuation, continuation.meanLogprob())
          - continuation.meanLogprob();
    }

    @Nullable Double logOdds(PlacedCell cell) {
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
  }
}
