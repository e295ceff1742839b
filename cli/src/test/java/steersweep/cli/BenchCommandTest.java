package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The figures are there; what they are is the machine's affair. */
class BenchCommandTest {
  @TempDir Path folder;

  @Test
  void everyBatchSizeIsTimed() throws IOException {
    Path model = TestCheckpoint.write(folder.resolve("model"));

    CommandRun run =
        CommandRun.of(
            "bench",
            "--device",
            "cpu",
            "--batch-sizes",
            "1,3",
            "--repeat",
            "2",
            "--new-tokens",
            "4",
            "--memory-runs",
            "2",
            "--within",
            "0",
            model.toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    JsonNode result = new ObjectMapper().readTree(run.out());
    assertThat(result.get("device").asText()).isEqualTo("cpu: asked for");
    assertThat(result.get("weight_bytes").asLong())
        .isEqualTo(4 * result.get("parameters").asLong())
        .isPositive();
    assertThat(result.get("batches")).hasSize(2);
    for (JsonNode batch : result.get("batches")) {
      assertThat(batch.has("error")).isFalse();
      assertThat(batch.get("cells_per_second").asDouble()).isPositive();
      assertThat(batch.get("prefill_seconds").asDouble()).isPositive();
      assertThat(batch.has("decode_step_seconds")).isTrue();
    }
    assertThat(result.get("batches").get(1).get("batch").asInt()).isEqualTo(3);
    assertThat(result.get("left_out")).isEmpty();
  }

  @Test
  void whatDoesNotFitIntoTheTimeIsLeftOutAndSaid() throws IOException {
    Path model = TestCheckpoint.write(folder.resolve("model"));

    CommandRun run =
        CommandRun.of(
            "bench",
            "--device",
            "cpu",
            "--batch-sizes",
            "4000,2",
            "--repeat",
            "100000",
            "--within",
            "2",
            model.toString());

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode result = new ObjectMapper().readTree(run.out());
    int timed = 0;
    for (JsonNode batch : result.get("batches")) {
      assertThat(batch.get("runs").asInt()).isBetween(1, 99_999);
      timed++;
    }
    List<String> leftOut = new ArrayList<>();
    result.get("left_out").forEach(what -> leftOut.add(what.asText()));
    assertThat(leftOut).hasSize(2).allMatch(what -> what.matches("batch (2|4000): .+"));
    assertThat(leftOut.stream().filter(what -> what.endsWith(" of 100000 runs"))).hasSize(timed);
  }

  @Test
  void everyFaultIsReportedAtOnce() {
    CommandRun run =
        CommandRun.of(
            "bench",
            "--device",
            "gpu",
            "--batch-sizes",
            "0",
            "--new-tokens",
            "1",
            "--dtype",
            "int8",
            folder.toString());

    assertThat(run.err())
        .isEqualTo(
            """
            error: --dtype: unknown; got 'int8', (choices: float32, float16)
            error: --device: unknown; got 'gpu', expected cpu, cuda, cuda:N, cuda:all, or cuda:N,cuda:M
            error: --batch-sizes: got 0, expected at least 1
            error: --new-tokens: got 1, expected at least 2
            """);
    assertThat(run.code()).isEqualTo(2);
  }
}
