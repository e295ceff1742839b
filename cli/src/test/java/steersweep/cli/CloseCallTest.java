package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model whose tokens come in pairs that are all but equally likely, so that the rounding of one
 * batch or another decides between them: a cell must have the same tokens all the same.
 */
class CloseCallTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CELLS = 60;

  @TempDir Path folder;

  /** Makes every odd row of the output layer the even row before it, but for a few last bits. */
  private static void pairTokens(Path weights) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(weights)).order(ByteOrder.LITTLE_ENDIAN);
    int header = Math.toIntExact(file.getLong(0));
    JsonNode tensors = JSON.readTree(file.array(), 8, header);
    int start = 8 + header + tensors.at("/lm_head.weight/data_offsets/0").asInt();
    int rowBytes = TestCheckpoint.HIDDEN * Float.BYTES;
    for (int row = 0; row + 1 < TestCheckpoint.VOCAB; row += 2) {
      for (int i = 0; i < TestCheckpoint.HIDDEN; i++) {
        int from = start + row * rowBytes + i * Float.BYTES;
        float value = file.getFloat(from);
        float nearly = i % 3 == 0 ? Math.nextUp(value) : i % 3 == 1 ? Math.nextDown(value) : value;
        file.putFloat(from + rowBytes, nearly);
      }
    }
    Files.write(weights, file.array());
  }

  private JsonNode run(Path model, Path cells, int batchSize) throws IOException {
    CommandRun run =
        CommandRun.of(
            "cells",
            model.toString(),
            cells.toString(),
            "--batch-size",
            Integer.toString(batchSize));
    assertThat(run.err()).isEmpty();
    return JSON.readTree(run.out());
  }

  @Test
  void aCellHasTheSameTokensInEveryBatchEvenWhereTwoTokensAreAllButEquallyLikely()
      throws IOException {
    Path model = TestCheckpoint.write(folder.resolve("model"));
    pairTokens(model.resolve("model.safetensors"));
    String cells =
        IntStream.range(0, CELLS)
            .mapToObj(
                i ->
                    "{\"hook\": \"value\", \"layer\": %d, \"head\": %d, \"scale\": %d}"
                        .formatted(i % 2, i / 2 % 2, 1 + i))
            .collect(Collectors.joining(","));
    Path file = folder.resolve("cells.json");
    Files.writeString(
        file,
        "{\"base_ids\": [1, 70, 80, 33, 90], \"steering_ids\": [1, 99, 77, 60], \"new_tokens\": 24,"
            + " \"cells\": ["
            + cells
            + "]}");

    JsonNode alone = run(model, file, 1);

    Set<Integer> parities = new HashSet<>();
    alone
        .get("cells")
        .forEach(cell -> cell.get("tokens").forEach(token -> parities.add(token.asInt() % 2)));
    assertThat(parities).as("the pairs are close calls").hasSize(2);
    for (int batchSize : new int[] {5, 17, 64}) {
      JsonNode together = run(model, file, batchSize);
      for (int i = 0; i < CELLS; i++) {
        assertThat(together.get("cells").get(i).get("tokens"))
            .as("cell %d in batches of %d", i, batchSize)
            .isEqualTo(alone.get("cells").get(i).get("tokens"));
      }
    }
  }
}
