package steersweep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * A Llama checkpoint folder with seeded random weights: small enough to sweep in a second, and with
 * a real tokenizer whose tokens are single bytes. Grouped-query attention, so that value and query
 * heads differ in number.
 */
final class TestCheckpoint {
  static final int LAYERS = 2;
  static final int HEADS = 4;
  static final int KEY_VALUE_HEADS = 2;
  static final int HIDDEN = 16;
  static final int HEAD_WIDTH = HIDDEN / HEADS;
  static final int MLP = 24;
  static final int MAX_POSITIONS = 96;
  static final int EOS = 2;

  private static final String[] SPECIAL = {"<unk>", "<s>", "</s>"};

  /** Three special tokens, then one token for each byte. */
  static final int VOCAB = SPECIAL.length + 256;

  private static final ObjectMapper JSON = new ObjectMapper();

  private TestCheckpoint() {}

  /** Writes config.json, model.safetensors and tokenizer.json; makes the folder. */
  static Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    writeConfig(folder);
    Files.write(folder.resolve("model.safetensors"), weights(shapes(), 7));
    Files.writeString(folder.resolve("tokenizer.json"), tokenizer().toPrettyString());
    return folder;
  }

  static void writeConfig(Path folder) throws IOException {
    ObjectNode config = JSON.createObjectNode();
    config.put("model_type", "llama");
    config.put("num_hidden_layers", LAYERS);
    config.put("num_attention_heads", HEADS);
    config.put("num_key_value_heads", KEY_VALUE_HEADS);
    config.put("hidden_size", HIDDEN);
    config.put("intermediate_size", MLP);
    config.put("vocab_size", VOCAB);
    config.put("max_position_embeddings", MAX_POSITIONS);
    config.put("rms_norm_eps", 1e-6);
    config.put("rope_theta", 10000.0);
    config.put("bos_token_id", 1);
    config.put("eos_token_id", EOS);
    Files.writeString(folder.resolve("config.json"), config.toPrettyString());
  }

  /** Changes one number of a tensor. */
  static void put(Path folder, String tensor, int place, float value) throws IOException {
    Path file = folder.resolve("model.safetensors");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = Math.toIntExact(bytes.getLong(0));
    JsonNode entry = JSON.readTree(bytes.array(), Long.BYTES, header).path(tensor);
    int begin = Long.BYTES + header + entry.path("data_offsets").path(0).asInt();
    bytes.putFloat(begin + place * Float.BYTES, value);
    Files.write(file, bytes.array());
  }

  /** A safetensors file: 8 bytes of header length, the header, then the floats. */
  static byte[] weights(Map<String, int[]> shapes, long seed) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    int bytes = 0;
    for (Map.Entry<String, int[]> tensor : shapes.entrySet()) {
      ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", "F32");
      ArrayNode shape = entry.putArray("shape");
      int elements = 1;
      for (int size : tensor.getValue()) {
        shape.add(size);
        elements *= size;
      }
      entry.putArray("data_offsets").add(bytes).add(bytes + elements * Float.BYTES);
      bytes += elements * Float.BYTES;
    }
    byte[] json = JSON.writeValueAsBytes(header);
    byte[] padding = " ".repeat(-json.length & 7).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer file =
        ByteBuffer.allocate(Long.BYTES + json.length + padding.length + bytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length + padding.length)
            .put(json)
            .put(padding);
    Random random = new Random(seed);
    for (int[] shape : shapes.values()) {
      putTensor(file, shape, random);
    }
    return file.array();
  }

  private static Map<String, int[]> shapes() {
    int keyValueWidth = KEY_VALUE_HEADS * HEAD_WIDTH;
    Map<String, int[]> shapes = new LinkedHashMap<>();
    shapes.put("model.embed_tokens.weight", new int[] {VOCAB, HIDDEN});
    for (int layer = 0; layer < LAYERS; layer++) {
      String block = "model.layers." + layer + ".";
      shapes.put(block + "input_layernorm.weight", new int[] {HIDDEN});
      shapes.put(block + "self_attn.q_proj.weight", new int[] {HIDDEN, HIDDEN});
      shapes.put(block + "self_attn.k_proj.weight", new int[] {keyValueWidth, HIDDEN});
      shapes.put(block + "self_attn.v_proj.weight", new int[] {keyValueWidth, HIDDEN});
      shapes.put(block + "self_attn.o_proj.weight", new int[] {HIDDEN, HIDDEN});
      shapes.put(block + "post_attention_layernorm.weight", new int[] {HIDDEN});
      shapes.put(block + "mlp.gate_proj.weight", new int[] {MLP, HIDDEN});
      shapes.put(block + "mlp.up_proj.weight", new int[] {MLP, HIDDEN});
      shapes.put(block + "mlp.down_proj.weight", new int[] {HIDDEN, MLP});
    }
    shapes.put("model.norm.weight", new int[] {HIDDEN});
    shapes.put("lm_head.weight", new int[] {VOCAB, HIDDEN});
    return shapes;
  }

  /** Norms around 1, matrices wide enough for the model to have clear favorites. */
  private static void putTensor(ByteBuffer file, int[] shape, Random random) {
    boolean norm = shape.length == 1;
    int elements = norm ? shape[0] : shape[0] * shape[1];
    for (int i = 0; i < elements; i++) {
      double gaussian = random.nextGaussian();
      file.putFloat((float) (norm ? 1 + 0.1 * gaussian : 0.5 * gaussian));
    }
  }

  static ObjectNode tokenizer() {
    ObjectNode tokenizer = JSON.createObjectNode().put("version", "1.0");
    tokenizer.putNull("truncation").putNull("padding");
    ArrayNode added = tokenizer.putArray("added_tokens");
    for (int id = 0; id < SPECIAL.length; id++) {
      added
          .addObject()
          .put("id", id)
          .put("content", SPECIAL[id])
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    tokenizer.putNull("normalizer");
    byteLevel(tokenizer.putObject("pre_tokenizer"));
    beginOfText(tokenizer.putObject("post_processor"));
    byteLevel(tokenizer.putObject("decoder"));
    ObjectNode model = tokenizer.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false);
    vocabulary(model.putObject("vocab"));
    model.putArray("merges");
    return tokenizer;
  }

  private static void byteLevel(ObjectNode part) {
    part.put("type", "ByteLevel");
    part.put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", true);
  }

  private static void beginOfText(ObjectNode processor) {
    processor.put("type", "TemplateProcessing");
    ArrayNode single = processor.putArray("single");
    single.addObject().putObject("SpecialToken").put("id", "<s>").put("type_id", 0);
    single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    ArrayNode pair = processor.putArray("pair");
    pair.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
    ObjectNode begin = processor.putObject("special_tokens").putObject("<s>").put("id", "<s>");
    begin.putArray("ids").add(1);
    begin.putArray("tokens").add("<s>");
  }

  /**
   * The byte-level alphabet of GPT-2: printable Latin-1 stands for itself, the rest is moved up.
   */
  private static void vocabulary(ObjectNode vocabulary) {
    for (int id = 0; id < SPECIAL.length; id++) {
      vocabulary.put(SPECIAL[id], id);
    }
    int moved = 0;
    for (int value = 0; value < 256; value++) {
      boolean printable = value > ' ' && value < 127 || value > 160 && value != 173;
      int character = printable ? value : 256 + moved++;
      vocabulary.put(Character.toString(character), SPECIAL.length + value);
    }
  }
}
