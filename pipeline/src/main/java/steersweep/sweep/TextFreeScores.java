package steersweep.sweep;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Along;
import steersweep.engine.Engine;
import steersweep.engine.Score;
import steersweep.engine.Steer;
import steersweep.plan.CellKind;
import steersweep.plan.Guard;

/**
 * Scores of a cell that need no generated text: the model reads given texts.
 *
 * @param klLast null where the prompt itself was changed
 * @param klContinuation likewise
 * @param uptakeReference null without a reference text, and for that text's own cell
 * @param logOdds null if the concept names no continuations
 */
record TextFreeScores(
    @Nullable Double klLast,
    @Nullable Double klContinuation,
    @Nullable Double uptakeReference,
    @Nullable Double logOdds) {
  /** The score that a guard is about. */
  @Nullable Double of(Guard.Score score) {
    return switch (score) {
      case KL_LAST -> klLast;
      case KL_CONTINUATION -> klContinuation;
      case UPTAKE_REFERENCE -> uptakeReference;
      case LOG_ODDS -> logOdds;
    };
  }

  /**
   * The scores of some cells.
   *
   * @param readings of every cell that is steered
   */
  static Map<PlacedCell, TextFreeScores> of(
      Engine engine, List<PlacedCell> cells, Steer.Readings readings, int batchSize) {
    Shifts shifts = new Shifts(engine, cells, batchSize);
    Map<PlacedCell, TextFreeScores> scores = new IdentityHashMap<>();
    for (PlacedCell cell : cells) {
      scores.put(
          cell,
          new TextFreeScores(
              kl(cell, cell.request() == null ? 0 : readings.klLast(cell.steered())),
              kl(cell, cell.request() == null ? 0 : readings.klContinuation(cell.steered())),
              shifts.uptakeReference(cell),
              shifts.logOdds(cell)));
    }
    return scores;
  }

  private static @Nullable Double kl(PlacedCell cell, double value) {
    return cell.cell().kind() == CellKind.PROMPTED ? null : value;
  }

  /** A cell's model reads a text. */
  private record Read(PlacedCell cell, PairContext.Continuation text) {
    Along.Reading steered() {
      return new Along.Reading(cell.steered(), text.tokens());
    }

    /** A prompted cell's model is the unsteered one, after another prompt. */
    Score.Text prompted() {
      return new Score.Text(cell.context().joined(), text.tokens());
    }
  }

  /** By how much cells change the log-probability of the given continuations. */
  private static final class Shifts {
    private final Map<PlacedCell, Map<PairContext.Continuation, Double>> logprobs =
        new IdentityHashMap<>();

    Shifts(Engine engine, List<PlacedCell> cells, int batchSize) {
      List<Read> steered = new ArrayList<>();
      List<Read> prompted = new ArrayList<>();
      for (PlacedCell cell : cells) {
        if (cell.request() != null) {
          continuations(cell.context()).forEach(text -> steered.add(new Read(cell, text)));
        } else if (cell.cell().kind() == CellKind.PROMPTED) {
          named(cell.context()).forEach(text -> prompted.add(new Read(cell, text)));
        }
      }
      put(
          steered,
          Along.meanLogprobs(engine, steered.stream().map(Read::steered).toList(), batchSize));
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

    private static List<PairContext.Continuation> named(PairContext context) {
      List<PairContext.Continuation> named = new ArrayList<>(context.targets());
      named.addAll(context.contrasts());
      return named;
    }

    private static List<PairContext.Continuation> continuations(PairContext context) {
      List<PairContext.Continuation> all = named(context);
      if (context.reference() != null) {
        all.add(context.reference());
      }
      return all;
    }

    /** Nats per token by which a continuation became likelier; 0 for the baseline. */
    private double shift(PlacedCell cell, PairContext.Continuation continuation) {
      Map<PairContext.Continuation, Double> ofCell = logprobs.getOrDefault(cell, Map.of());
      return ofCell.getOrDefault(continuation, continuation.logprob()) - continuation.logprob();
    }

    @Nullable Double uptakeReference(PlacedCell cell) {
      PairContext.Continuation reference = cell.context().reference();
      return reference == null || cell.cell().kind() == CellKind.PROMPTED
          ? null
          : shift(cell, reference);
    }

    @Nullable Double logOdds(PlacedCell cell) {
      PairContext context = cell.context();
      return context.targets().isEmpty()
          ? null
          : mean(cell, context.targets()) - mean(cell, context.contrasts());
    }

    /** Mean shift of whole continuations, nats. */
    private double mean(PlacedCell cell, List<PairContext.Continuation> continuations) {
      return continuations.stream()
          .mapToDouble(continuation -> shift(cell, continuation) * continuation.tokens().size())
          .average()
          .orElseThrow();
    }
  }
}
