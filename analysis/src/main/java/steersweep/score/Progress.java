package steersweep.score;

/**
 * How much of a sweep there is to report on.
 *
 * @param planned cells of the whole sweep, baselines and controls included
 * @param read cells with a row in the results, failed ones included
 * @param textsPlanned cells that get a text; {@link #NOT_DECIDED} before they are chosen
 * @param texts cells that got one, failed and skipped ones included
 * @param failed cells with status {@code failed}; they are in no average
 * @param outOfReach cells whose setting no factor makes; they have a row that says so
 * @param skipped chosen cells without a text, because a smaller setting makes texts incoherent
 * @param unscored cells with a text and without scores; they are in no average
 */
public record Progress(
    long planned,
    long read,
    long textsPlanned,
    long texts,
    long failed,
    long outOfReach,
    long skipped,
    long unscored) {
  public static final long NOT_DECIDED = -1;

  /** Whether every cell was read and every chosen one has its text. */
  public boolean finished() {
    return read >= planned && textsPlanned != NOT_DECIDED && texts >= textsPlanned;
  }

  public boolean complete() {
    return finished() && failed == 0;
  }
}
