package steersweep.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.ModelConfig;

/**
 * As {@link TestCheckpoint} a T5 folder: more layers in the encoder than in the decoder, texts that
 * end with a token of their own.
 */
final class TestT5Checkpoint {
  static final int ENCODER_LAYERS = 3;
  static final int DECODER_LAYERS = 2;
  static final int HEADS = 2;

  private static final ObjectMapper JSON = new ObjectMapper();

  private TestT5Checkpoint() {}

  static Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    ObjectNode config = JSON.createObjectNode();
    config.put("model_type", "t5").put("is_encoder_decoder", true);
    config.put("num_layers", ENCODER_LAYERS).put("num_decoder_layers", DECODER_LAYERS);
    config.put("num_heads", HEADS).put("d_kv", 6).put("d_model", 16).put("d_ff", 24);
    config.put("vocab_size", TestCheckpoint.VOCAB).put("feed_forward_proj", "gated-gelu");
    config.put("decoder_start_token_id", 0).put("pad_token_id", 0);
    config.put("eos_token_id", TestCheckpoint.EOS);
    Files.writeString(folder.resolve("config.json"), config.toPrettyString());
    Map<String, int[]> shapes = new TreeMap<>();
    ModelConfig.read(folder)
        .own()
        .tensors()
        .forEach(
            (name, shape) -> shapes.put(name, shape.stream().mapToInt(Math::toIntExact).toArray()));
    Files.write(folder.resolve("model.safetensors"), TestCheckpoint.weights(shapes, 5));
    ObjectNode tokenizer = TestCheckpoint.tokenizer();
    endOfText((ObjectNode) tokenizer.get("post_processor"));
    Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toPrettyString());
    Checkpoint.open(folder);
    return folder;
  }

  private static void endOfText(ObjectNode processor) {
    ArrayNode single = processor.putArray("single");
    single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    single.addObject().putObject("SpecialToken").put("id", "</s>").put("type_id", 0);
    ObjectNode end = processor.putObject("special_tokens").putObject("</s>").put("id", "</s>");
    end.putArray("ids").add(TestCheckpoint.EOS);
    end.putArray("tokens").add("</s>");
  }
}
