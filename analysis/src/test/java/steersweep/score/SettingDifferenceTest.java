package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.model.ModelManifest;
import steersweep.model.ModelShape;
import steersweep.plan.PlanReader;
import steersweep.plan.SweepPlan;
import steersweep.result.RunManifest;

class SettingDifferenceTest {
  @TempDir Path folder;

  private RunManifest manifest(String created, String positions, int layers, String extra) {
    ModelManifest model =
        new ModelManifest(
            "0.1.0",
            21,
            Dtype.FLOAT32,
            Device.CPU,
            "llama",
            new ModelShape(layers, 4, 2, 8, 2, 12, 10, 32),
            List.of(HookPoint.VALUE),
            1,
            List.of(2),
            "/models/" + created,
            "/models/" + created,
            "f00d",
            List.of(),
            List.of(),
            JsonNodeFactory.instance.objectNode());
    return new RunManifest(
        created,
        created + ".yaml",
        plan(positions),
        created,
        model,
        2,
        5,
        3,
        "cpu",
        Map.of("java", extra));
  }

  private SweepPlan plan(String positions) {
    String text =
        """
        name: tiny
        concepts:
          - {name: vegan, base_prompts: I ate, steering_prompts: I am vegan.}
        grid: {hook_points: value, layers: all, settings: [3], positions: %s}
        """;
    try {
      return PlanReader.read(
          Files.writeString(folder.resolve("tiny.yaml"), String.format(text, positions)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void onlyWhatIsASettingIsCompared() {
    assertThat(
            SettingDifference.between(
                manifest("monday", "mean", 2, "17"), manifest("tuesday", "mean", 2, "17")))
        .isEmpty();
  }

  @Test
  void everySettingThatDiffersIsNamedWithBothValues() {
    assertThat(
            SettingDifference.between(
                manifest("monday", "mean", 2, "17"), manifest("tuesday", "lw2023", 6, "21")))
        .containsExactly(
            new SettingDifference("model.shape.nLayers", "2", "6"),
            new SettingDifference("plan.positions", "MEAN", "LW2023"),
            new SettingDifference("versions.java", "17", "21"));
  }
}
