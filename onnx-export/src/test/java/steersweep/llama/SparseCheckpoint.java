package steersweep.llama;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import steersweep.TinyCheckpoint;
import steersweep.model.ModelShape;

/** A checkpoint of any size whose weights are a hole in a sparse file: all zeros, on no disk. */
final class SparseCheckpoint {
  private SparseCheckpoint() {}

  static Path write(Path folder, ModelShape shape) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config(shape).toString());
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    long end = 0;
    for (Map.Entry<String, List<Long>> tensor : tensors(shape).entrySet()) {
      long bytes = 4 * tensor.getValue().stream().reduce(1L, Math::multiplyExact);
      ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", "F32");
      tensor.getValue().forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(end).add(end + bytes);
      end += bytes;
    }
    byte[] start = TinyCheckpoint.safetensors(header.toString(), new byte[0]);
    Path file = Files.write(folder.resolve(TinyCheckpoint.SINGLE), start);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(start.length + end);
    }
    return folder;
  }

  private static ObjectNode config(ModelShape shape) {
    return new TinyCheckpoint(0)
        .config()
        .put("num_hidden_layers", shape.nLayers())
        .put("num_attention_heads", shape.nHeads())
        .put("num_key_value_heads", shape.nKvHeads())
        .put("hidden_size", shape.dModel())
        .put("head_dim", shape.dHead())
        .put("intermediate_size", shape.dMlp())
        .put("vocab_size", shape.nVocab())
        .put("max_position_embeddings", shape.maxPositions());
  }

  private static Map<String, List<Long>> tensors(ModelShape shape) {
    long model = shape.dModel();
    long mlp = shape.dMlp();
    long query = (long) shape.nHeads() * shape.dHead();
    long key = (long) shape.nKvHeads() * shape.dHead();
    Map<String, List<Long>> tensors = new LinkedHashMap<>();
    tensors.put("model.embed_tokens.weight", List.of((long) shape.nVocab(), model));
    for (int layer = 0; layer < shape.nLayers(); layer++) {
      String block = "model.layers." + layer + ".";
      tensors.put(block + "input_layernorm.weight", List.of(model));
      tensors.put(block + "self_attn.q_proj.weight", List.of(query, model));
      tensors.put(block + "self_attn.k_proj.weight", List.of(key, model));
      tensors.put(block + "self_attn.v_proj.weight", List.of(key, model));
      tensors.put(block + "self_attn.o_proj.weight", List.of(model, query));
      tensors.put(block + "post_attention_layernorm.weight", List.of(model));
      tensors.put(block + "mlp.gate_proj.weight", List.of(mlp, model));
      tensors.put(block + "mlp.up_proj.weight", List.of(mlp, model));
      tensors.put(block + "mlp.down_proj.weight", List.of(model, mlp));
    }
    tensors.put("model.norm.weight", List.of(model));
    tensors.put("lm_head.weight", List.of((long) shape.nVocab(), model));
    return tensors;
  }
}
