package steersweep;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint with the sizes, types, shards and config.json of one on the hub, on next to no disk:
 * weights are holes in sparse files, but for the first and the last bytes of every tensor, which
 * say whose they are.
 */
public final class SparseCheckpoint {
  /** Bytes at each end of a tensor that are written. */
  public static final int SENTINEL_BYTES = 8;

  private record Entry(String dtype, List<Long> shape) {
    long bytes() {
      int width = dtype.equals("F32") ? 4 : 2;
      return width * shape.stream().reduce(1L, Math::multiplyExact);
    }
  }

  private final String config;
  private final long shardBytes;
  private final Map<String, Entry> tensors;

  private SparseCheckpoint(String config, long shardBytes, Map<String, Entry> tensors) {
    this.config = config;
    this.shardBytes = shardBytes;
    this.tensors = tensors;
  }

  /** huggyllama/llama-7b: half precision in two shards, rotary frequencies in single. */
  public static SparseCheckpoint llama7b() {
    Map<String, Entry> tensors = tensors("F16", 32, 4096, 4096, 11008, 32000);
    for (int layer = 0; layer < 32; layer++) {
      tensors.put(
          "model.layers." + layer + ".self_attn.rotary_emb.inv_freq",
          new Entry("F32", List.of(64L)));
    }
    return new SparseCheckpoint(LLAMA_7B, 10_000_000_000L, tensors);
  }

  /** The same model in single precision and one file. */
  public static SparseCheckpoint llama7bInSinglePrecision() {
    return new SparseCheckpoint(
        LLAMA_7B.replace("float16", "float32"),
        Long.MAX_VALUE,
        tensors("F32", 32, 4096, 4096, 11008, 32000));
  }

  /** meta-llama/Meta-Llama-3-8B: 8 key and value heads, bfloat16, four shards of up to 5 GB. */
  public static SparseCheckpoint llama3Of8b() {
    return new SparseCheckpoint(
        LLAMA_3_8B, 5_000_000_000L, tensors("BF16", 32, 4096, 1024, 14336, 128_256));
  }

  /** The same in half precision, as it is for use on a GPU without a conversion. */
  public static SparseCheckpoint llama3Of8bInHalfPrecision() {
    return new SparseCheckpoint(
        LLAMA_3_8B.replace("bfloat16", "float16"),
        5_000_000_000L,
        tensors("F16", 32, 4096, 1024, 14336, 128_256));
  }

  /** In the order of transformers' state_dict, in which it fills shards. */
  private static Map<String, Entry> tensors(
      String dtype, int layers, long model, long key, long mlp, long words) {
    Map<String, Entry> tensors = new LinkedHashMap<>();
    tensors.put("model.embed_tokens.weight", new Entry(dtype, List.of(words, model)));
    for (int layer = 0; layer < layers; layer++) {
      String block = "model.layers." + layer + ".";
      tensors.put(block + "self_attn.q_proj.weight", new Entry(dtype, List.of(model, model)));
      tensors.put(block + "self_attn.k_proj.weight", new Entry(dtype, List.of(key, model)));
      tensors.put(block + "self_attn.v_proj.weight", new Entry(dtype, List.of(key, model)));
      tensors.put(block + "self_attn.o_proj.weight", new Entry(dtype, List.of(model, model)));
      tensors.put(block + "mlp.gate_proj.weight", new Entry(dtype, List.of(mlp, model)));
      tensors.put(block + "mlp.up_proj.weight", new Entry(dtype, List.of(mlp, model)));
      tensors.put(block + "mlp.down_proj.weight", new Entry(dtype, List.of(model, mlp)));
      tensors.put(block + "input_layernorm.weight", new Entry(dtype, List.of(model)));
      tensors.put(block + "post_attention_layernorm.weight", new Entry(dtype, List.of(model)));
    }
    tensors.put("model.norm.weight", new Entry(dtype, List.of(model)));
    tensors.put("lm_head.weight", new Entry(dtype, List.of(words, model)));
    return tensors;
  }

  /** Writes config.json, the weights and, when they are several, their index. */
  public Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config);
    List<List<String>> shards = shards();
    if (shards.size() == 1) {
      writeFile(folder.resolve(TinyCheckpoint.SINGLE), shards.get(0));
      return folder;
    }
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index
        .putObject("metadata")
        .put("total_size", tensors.values().stream().mapToLong(Entry::bytes).sum());
    ObjectNode weightMap = index.putObject("weight_map");
    for (int i = 0; i < shards.size(); i++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      shards.get(i).forEach(tensor -> weightMap.put(tensor, name));
      writeFile(folder.resolve(name), shards.get(i));
    }
    Files.writeString(folder.resolve(TinyCheckpoint.INDEX), index.toPrettyString());
    return folder;
  }

  /** Each shard takes tensors until the next one would make it too large. */
  private List<List<String>> shards() {
    List<List<String>> shards = new ArrayList<>(List.of(new ArrayList<>()));
    long bytes = 0;
    for (Map.Entry<String, Entry> tensor : tensors.entrySet()) {
      if (bytes + tensor.getValue().bytes() > shardBytes) {
        shards.add(new ArrayList<>());
        bytes = 0;
      }
      bytes += tensor.getValue().bytes();
      shards.get(shards.size() - 1).add(tensor.getKey());
    }
    return shards;
  }

  /** Within a file the widest types come first, then the order is that of the names. */
  private void writeFile(Path file, List<String> names) throws IOException {
    List<String> ordered =
        names.stream()
            .sorted(
                Comparator.comparing((String name) -> !tensors.get(name).dtype().equals("F32"))
                    .thenComparing(Comparator.naturalOrder()))
            .toList();
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    header.putObject("__metadata__").put("format", "pt");
    long end = 0;
    for (String name : ordered) {
      Entry tensor = tensors.get(name);
      ObjectNode entry = header.putObject(name).put("dtype", tensor.dtype());
      tensor.shape().forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(end).add(end + tensor.bytes());
      end += tensor.bytes();
    }
    String json = header.toString();
    json += " ".repeat((8 - json.length() % 8) % 8);
    byte[] start = TinyCheckpoint.safetensors(json, new byte[0]);
    Files.write(file, start);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long position = start.length;
      for (String name : ordered) {
        channel.write(sentinel(name, true), position);
        position += tensors.get(name).bytes();
        channel.write(sentinel(name, false), position - SENTINEL_BYTES);
      }
    }
  }

  /** A tensor's first or last bytes: different for each, and in every type numbers below 2. */
  public static ByteBuffer sentinel(String tensor, boolean first) {
    long mixed = (tensor + first).hashCode() * 0x9e37_79b9_7f4a_7c15L;
    return ByteBuffer.allocate(SENTINEL_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(0, mixed & 0xbfff_bfff_bfff_bfffL);
  }

  private static final String LLAMA_7B =
      """
      {
        "architectures": ["LlamaForCausalLM"],
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_act": "silu",
        "hidden_size": 4096,
        "initializer_range": 0.02,
        "intermediate_size": 11008,
        "max_position_embeddings": 2048,
        "max_sequence_length": 2048,
        "model_type": "llama",
        "num_attention_heads": 32,
        "num_hidden_layers": 32,
        "pad_token_id": 0,
        "rms_norm_eps": 1e-06,
        "tie_word_embeddings": false,
        "torch_dtype": "float16",
        "transformers_version": "4.28.0.dev0",
        "use_cache": true,
        "vocab_size": 32000
      }
      """;

  private static final String LLAMA_3_8B =
      """
      {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": false,
        "attention_dropout": 0.0,
        "bos_token_id": 128000,
        "eos_token_id": 128001,
        "hidden_act": "silu",
        "hidden_size": 4096,
        "initializer_range": 0.02,
        "intermediate_size": 14336,
        "max_position_embeddings": 8192,
        "model_type": "llama",
        "num_attention_heads": 32,
        "num_hidden_layers": 32,
        "num_key_value_heads": 8,
        "pretraining_tp": 1,
        "rms_norm_eps": 1e-05,
        "rope_scaling": null,
        "rope_theta": 500000.0,
        "tie_word_embeddings": false,
        "torch_dtype": "bfloat16",
        "transformers_version": "4.40.0.dev0",
        "use_cache": true,
        "vocab_size": 128256
      }
      """;
}
