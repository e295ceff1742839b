package steersweep.architecture;

import steersweep.graph.Tensor;
import steersweep.model.HookPoint;

/** What is done at the hook points of a block: read, and added to. */
public interface Hooks {
  /**
   * @param activation [batch * pos, width]
   * @return what flows on, the same shape
   */
  Tensor hook(HookPoint hookPoint, int layer, Tensor activation);
}
