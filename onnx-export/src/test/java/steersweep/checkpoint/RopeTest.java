package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import steersweep.TinyCheckpoint;

/** Rotary frequencies against those of transformers, which computes them in float32. */
class RopeTest {
  @TempDir Path folder;

  static List<JsonNode> cases() throws IOException {
    String golden = Files.readString(Path.of("src/test/resources/rope-frequencies.json"));
    List<JsonNode> cases = new ArrayList<>();
    TinyCheckpoint.json(golden).path("cases").forEach(cases::add);
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void frequenciesAreThoseOfTransformersButForTheLastBit(JsonNode expected) throws IOException {
    ObjectNode config = new TinyCheckpoint(0).config();
    config.remove("rope_theta");
    config.set("rope_parameters", expected.path("rope_parameters"));
    Files.writeString(folder.resolve("config.json"), config.toString());

    float[] frequencies =
        ((LlamaConfig) ModelConfig.read(folder).own())
            .rope()
            .frequencies(expected.path("head_dim").asInt());

    assertThat(frequencies).hasSize(expected.path("frequencies").size());
    int equal = 0;
    for (int i = 0; i < frequencies.length; i++) {
      float wanted = (float) expected.path("frequencies").get(i).asDouble();
      assertThat(Math.abs(frequencies[i] - wanted))
          .as("frequency %d", i)
          .isLessThanOrEqualTo(Math.ulp(wanted));
      equal += frequencies[i] == wanted ? 1 : 0;
    }
    // torch's vectorised power function is off by one bit here and there
    assertThat(equal).isGreaterThanOrEqualTo(frequencies.length * 8 / 10);
  }
}
