package steersweep.bake;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import steersweep.checkpoint.SafetensorsWriter;
import steersweep.plan.ConstantAddition;
import steersweep.plan.Site;

/**
 * {@code steering.safetensors}: one tensor, named as the hook point is in TransformerLens and in
 * the graph ({@code blocks.14.attn.hook_v}), [width], F32: the direction. What it is to be
 * multiplied by stands in the header, as {@code factor}.
 */
public final class SteeringFile {
  private SteeringFile() {}

  /**
   * @param modelType of the model that it is for
   */
  public static void write(Path file, ConstantAddition addition, String modelType) {
    Site site = addition.site();
    SafetensorsWriter.write(
        file,
        Map.of(
            "format",
            "pt",
            "model_type",
            modelType,
            "hook_point",
            site.hookPoint().word(),
            "layer",
            Integer.toString(site.layer()),
            "head",
            site.allHeads() ? "all" : Integer.toString(site.head()),
            "factor",
            Double.toString(addition.factor())),
        List.of(
            new SafetensorsWriter.Numbers(
                site.hookPoint().tap(site.layer()), addition.direction())));
  }
}
