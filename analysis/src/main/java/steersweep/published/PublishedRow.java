package steersweep.published;

import steersweep.model.HookPoint;
import steersweep.plan.Site;

/**
 * One row of a published file.
 *
 * @param line line of the file that it starts in, from 1
 * @param scale the file's multiplier; 0 for an unsteered text
 * @param text base prompt and continuation, as the file has it
 */
record PublishedRow(long line, double scale, HookPoint hookPoint, int layer, String text) {
  /** The published work steered whole layers only. */
  Site site() {
    return new Site(hookPoint, layer, Site.ALL_HEADS);
  }
}
