package steersweep.plan;

import org.jspecify.annotations.Nullable;

/**
 * One run of the model: a prompt pair, steered at one site with one setting, or what that is
 * compared with.
 *
 * @param index place in the sweep's order, from 0; the key of result rows
 * @param kind steered, baseline or which control
 * @param draw which of several random draws, from 0; null where nothing is random
 * @param site where; null where nothing is added
 * @param setting a number of the plan's settings, whatever its unit; without its sign where a
 *     direction is random, 0 where nothing is added
 */
public record Cell(
    long index,
    CellKind kind,
    @Nullable Integer draw,
    PromptPair pair,
    @Nullable Site site,
    double setting,
    PositionRule positions) {
  /** A steered cell, or a baseline if there is no site. */
  public Cell(
      long index, PromptPair pair, @Nullable Site site, double setting, PositionRule positions) {
    this(
        index,
        site == null ? CellKind.BASELINE : CellKind.STEERED,
        null,
        pair,
        site,
        setting,
        positions);
  }

  public boolean baseline() {
    return kind == CellKind.BASELINE;
  }
}
