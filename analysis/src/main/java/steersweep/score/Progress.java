package steersweep.score;

/**
 * How much of a sweep there is to report on.
 *
 * @param planned cells of the whole sweep, baselines and controls included
 * @param finished cells with a row in the results, failed and skipped ones included
 * @param failed cells with status {@code failed}; they are in no average
 * @param skipped cells that a guard of the plan kept from being generated
 * @param unscored cells with a text and without a usable uptake; they are in no average
 * @param withoutBaseline scored cells whose prompt pair's baseline is missing, not finished or
 *     failed; they are in no average
 */
public record Progress(
    long planned, long finished, long failed, long skipped, long unscored, long withoutBaseline) {
  public boolean complete() {
    return finished >= planned && failed == 0;
  }
}
