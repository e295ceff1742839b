package steersweep.plan;

import java.io.Serializable;
import steersweep.model.HookPoint;

/**
 * Where activations are added: hook point, layer and head.
 *
 * @param layer from 0
 * @param head from 0, or {@link #ALL_HEADS}
 */
public record Site(HookPoint hookPoint, int layer, int head) implements Serializable {
  /** The whole layer: every head at once, and the only choice at hook points without heads. */
  public static final int ALL_HEADS = -1;

  public boolean allHeads() {
    return head == ALL_HEADS;
  }
}
