package steersweep;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import steersweep.error.UserError;

/**
 * A Llama checkpoint of a few kB with seeded random weights: two layers, four heads that share two
 * key and value heads. Right as it is made; a test changes what it is about, then writes it.
 */
public final class TinyCheckpoint {
  public static final String SINGLE = "model.safetensors";
  public static final String INDEX = "model.safetensors.index.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String CONFIG =
      """
      {
        "model_type": "llama",
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "hidden_size": 8,
        "head_dim": 2,
        "intermediate_size": 12,
        "vocab_size": 10,
        "max_position_embeddings": 32,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "bos_token_id": 1,
        "eos_token_id": 2
      }
      """;

  /** A tensor's content. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Weights(String dtype, List<Long> shape, byte[] bytes) {
    public static Weights f32(Random random, long... shape) {
      List<Long> sizes = Arrays.stream(shape).boxed().toList();
      int elements = Math.toIntExact(sizes.stream().reduce(1L, Math::multiplyExact));
      ByteBuffer bytes = ByteBuffer.allocate(4 * elements).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < elements; i++) {
        bytes.putFloat((float) random.nextGaussian());
      }
      return new Weights("F32", sizes, bytes.array());
    }

    /** The same elements' number in a type of half the width: other numbers, none of them NaN. */
    public Weights halved(String halfDtype) {
      byte[] half = Arrays.copyOf(bytes, bytes.length / 2);
      for (int i = 1; i < half.length; i += 2) {
        half[i] &= (byte) 0xbf; // not all bits of the exponent
      }
      return new Weights(halfDtype, shape, half);
    }
  }

  private final ObjectNode config = (ObjectNode) json(CONFIG);
  private final Map<String, Weights> tensors = new LinkedHashMap<>();

  public TinyCheckpoint(long seed) {
    Random random = new Random(seed);
    tensors.put("model.embed_tokens.weight", Weights.f32(random, 10, 8));
    for (int layer = 0; layer < 2; layer++) {
      String block = "model.layers." + layer + ".";
      tensors.put(block + "input_layernorm.weight", Weights.f32(random, 8));
      tensors.put(block + "self_attn.q_proj.weight", Weights.f32(random, 8, 8));
      tensors.put(block + "self_attn.k_proj.weight", Weights.f32(random, 4, 8));
      tensors.put(block + "self_attn.v_proj.weight", Weights.f32(random, 4, 8));
      tensors.put(block + "self_attn.o_proj.weight", Weights.f32(random, 8, 8));
      tensors.put(block + "post_attention_layernorm.weight", Weights.f32(random, 8));
      tensors.put(block + "mlp.gate_proj.weight", Weights.f32(random, 12, 8));
      tensors.put(block + "mlp.up_proj.weight", Weights.f32(random, 12, 8));
      tensors.put(block + "mlp.down_proj.weight", Weights.f32(random, 8, 12));
    }
    tensors.put("model.norm.weight", Weights.f32(random, 8));
    tensors.put("lm_head.weight", Weights.f32(random, 10, 8));
  }

  /** config.json, to be changed. */
  public ObjectNode config() {
    return config;
  }

  /** The tensors in the order of the file, to be changed. */
  public Map<String, Weights> tensors() {
    return tensors;
  }

  /** Writes config.json and one weights file, and returns the folder. */
  public Path write(Path folder) throws IOException {
    writeConfig(folder);
    writeSafetensors(folder.resolve(SINGLE), tensors);
    return folder;
  }

  /** Writes config.json, two shards that take turns, and their index; returns the folder. */
  public Path writeSharded(Path folder) throws IOException {
    writeConfig(folder);
    List<Map<String, Weights>> shards = List.of(new LinkedHashMap<>(), new LinkedHashMap<>());
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    ObjectNode weightMap = index.putObject("weight_map");
    int next = 0;
    for (Map.Entry<String, Weights> tensor : tensors.entrySet()) {
      shards.get(next).put(tensor.getKey(), tensor.getValue());
      weightMap.put(tensor.getKey(), shardName(next));
      next = 1 - next;
    }
    for (int i = 0; i < shards.size(); i++) {
      writeSafetensors(folder.resolve(shardName(i)), shards.get(i));
    }
    Files.writeString(folder.resolve(INDEX), index.toString());
    return folder;
  }

  public static String shardName(int i) {
    return "model-0000" + (i + 1) + "-of-00002.safetensors";
  }

  private void writeConfig(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config.toPrettyString());
  }

  public static void writeSafetensors(Path file, Map<String, Weights> tensors) throws IOException {
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    header.putObject("__metadata__").put("format", "pt");
    int end = 0;
    for (Map.Entry<String, Weights> tensor : tensors.entrySet()) {
      Weights weights = tensor.getValue();
      ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", weights.dtype());
      weights.shape().forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(end).add(end + weights.bytes().length);
      end += weights.bytes().length;
    }
    ByteBuffer data = ByteBuffer.allocate(end);
    tensors.values().forEach(weights -> data.put(weights.bytes()));
    Files.write(file, safetensors(header.toString(), data.array()));
  }

  /** A safetensors file of any header and data, right or wrong. */
  public static byte[] safetensors(String header, byte[] data) {
    byte[] headerBytes = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + headerBytes.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(headerBytes.length)
        .put(headerBytes)
        .put(data)
        .array();
  }

  public static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The faults of a user error, with paths counted from {@code folder}. */
  public static List<String> faults(Path folder, ThrowingCallable refused) {
    UserError error = catchThrowableOfType(UserError.class, refused);
    return error.faults().stream().map(fault -> fault.replace(folder + "/", "")).toList();
  }
}
