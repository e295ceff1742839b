package steersweep.steerable;

import java.nio.file.Path;
import java.util.List;
import steersweep.checkpoint.ConvertedWeights;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;

/**
 * What graph to write.
 *
 * @param hookPoints hook points to have as inputs and outputs, as far as the model has them
 * @param dtype type of the weights and of the computation
 * @param device what the graph will be run on; makes a difference in half precision only
 * @param cache folder for weights that are stored in another type, converted
 * @param conversion told how far that is
 */
public record ExportSettings(
    List<HookPoint> hookPoints,
    Dtype dtype,
    Device device,
    Path cache,
    ConvertedWeights.Progress conversion) {
  public ExportSettings {
    hookPoints = List.copyOf(hookPoints);
  }
}
