package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.gguf.GgufType;

/** Against what the gguf package makes of blocks of random bits (src/test/oracle of cli). */
class QuantizedBlocksTest {
  private static final Path GOLDEN = Path.of("src/test/resources/gguf-blocks.json");

  @Test
  void everyQuantisedTypeIsHere() throws IOException {
    TreeSet<String> types = new TreeSet<>();
    golden().fieldNames().forEachRemaining(types::add);

    assertThat(types)
        .containsExactly("Q4_0", "Q4_1", "Q4_K", "Q5_0", "Q5_1", "Q5_K", "Q6_K", "Q8_0");
  }

  @Test
  void everyTypeOfGgufCanBeConverted() {
    assertThat(GgufType.values()).allSatisfy(t -> assertThat(FloatType.isOne(t.name())).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"})
  void blocksBecomeTheBitsOfTheGgufPackage(String name) throws IOException {
    ByteBuffer blocks = bytes(golden().path(name).path("blocks"));
    ByteBuffer expected = bytes(golden().path(name).path("floats"));
    FloatType type = FloatType.valueOf(name);
    float[] floats = new float[(int) type.elements(blocks.remaining())];

    new QuantizedBlocks(blocks, floats).decode(type, floats.length);

    assertThat(floats).hasSize(expected.remaining() / Float.BYTES).hasSizeGreaterThan(1000);
    for (int i = 0; i < floats.length; i++) {
      assertThat(Float.floatToRawIntBits(floats[i]))
          .as("%s, element %d: %s", name, i, floats[i])
          .isEqualTo(expected.getInt(i * Float.BYTES));
    }
  }

  /** llama.cpp's order of rows: reshape(heads, 2, half, ..).swapaxes(1, 2). */
  @Test
  void rowsInPairsAreFoundAgain() {
    StoredTensor keys = new StoredTensor("k", "F32", List.of(8L, 1L), Path.of("x.gguf"), 0, 32, 2);
    Iterator<Long> stored = List.of(0L, 2L, 1L, 3L, 4L, 6L, 5L, 7L).iterator();

    for (long row = 0; row < keys.rows(); row++) {
      assertThat(keys.storedRow(row)).as("row %d", row).isEqualTo(stored.next());
    }
    StoredTensor wide = new StoredTensor("q", "F32", List.of(6L), Path.of("x.gguf"), 0, 24, 1);
    assertThat(List.of(wide.storedRow(1), wide.storedRow(2), wide.storedRow(3), wide.storedRow(5)))
        .containsExactly(2L, 4L, 1L, 5L);
  }

  private static JsonNode golden() throws IOException {
    return new ObjectMapper().readTree(GOLDEN.toFile()).path("types");
  }

  private static ByteBuffer bytes(JsonNode text) {
    return ByteBuffer.wrap(Base64.getDecoder().decode(text.asText()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }
}
