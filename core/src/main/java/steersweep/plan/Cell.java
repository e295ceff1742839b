package steersweep.plan;

import org.jspecify.annotations.Nullable;

/**
 * One run of the model: a prompt pair, steered at one site with one scale.
 *
 * @param index place in the sweep's order, from 0; the key of result rows
 * @param site where; null for the unsteered baseline
 * @param scale factor of the steering activations; 0 for the baseline
 */
public record Cell(
    long index, PromptPair pair, @Nullable Site site, double scale, PositionRule positions) {
  public boolean baseline() {
    return site == null;
  }
}
