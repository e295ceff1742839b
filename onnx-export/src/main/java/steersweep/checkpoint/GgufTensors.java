package steersweep.checkpoint;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import steersweep.gguf.GgufFile;
import steersweep.gguf.GgufTensor;

/** A GGUF file's tensors under transformers' names. */
final class GgufTensors {
  private static final Pattern NAME = Pattern.compile("(?:blk\\.(\\d+)\\.)?(\\w+)\\.(weight|bias)");

  private static final Map<String, String> OUTSIDE =
      Map.of("token_embd", "model.embed_tokens", "output_norm", "model.norm", "output", "lm_head");

  private static final Map<String, String> IN_BLOCK =
      Map.ofEntries(
          Map.entry("attn_norm", "input_layernorm"),
          Map.entry("attn_q", "self_attn.q_proj"),
          Map.entry("attn_k", "self_attn.k_proj"),
          Map.entry("attn_v", "self_attn.v_proj"),
          Map.entry("attn_output", "self_attn.o_proj"),
          Map.entry("attn_q_norm", "self_attn.q_norm"),
          Map.entry("attn_k_norm", "self_attn.k_norm"),
          Map.entry("ffn_norm", "post_attention_layernorm"),
          Map.entry("ffn_gate", "mlp.gate_proj"),
          Map.entry("ffn_up", "mlp.up_proj"),
          Map.entry("ffn_down", "mlp.down_proj"));

  private GgufTensors() {}

  /** All but the rotary frequencies, which the config stands for; others keep their names. */
  static Map<String, StoredTensor> of(GgufFile file, ModelHeads heads) {
    Map<String, StoredTensor> tensors = new HashMap<>();
    for (GgufTensor tensor : file.tensors()) {
      if (!tensor.name().equals(GgufRope.TENSOR)) {
        StoredTensor stored =
            new StoredTensor(
                name(tensor.name()),
                tensor.type().name(),
                tensor.shape(),
                file.path(),
                tensor.offset(),
                tensor.length(),
                heads.pairedIn(tensor.name()));
        tensors.put(stored.name(), stored);
      }
    }
    return tensors;
  }

  private static String name(String name) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) {
      return name;
    }
    String layer = parts.group(1);
    String known = (layer == null ? OUTSIDE : IN_BLOCK).get(parts.group(2));
    if (known == null) {
      return name;
    }
    return (layer == null ? "" : "model.layers." + layer + ".") + known + "." + parts.group(3);
  }

  /**
   * Heads of the queries and of the keys where llama.cpp's converter puts their rows into pairs; 0
   * where it does not.
   */
  record ModelHeads(int queries, int keys) {
    static ModelHeads of(ModelConfig config) {
      return switch (config.family()) {
        case LLAMA, MISTRAL -> new ModelHeads(config.shape().nHeads(), config.shape().nKvHeads());
        case QWEN2, QWEN3, GPT2, GPT_NEOX, T5 -> new ModelHeads(0, 0);
      };
    }

    int pairedIn(String name) {
      return name.contains(".attn_q.") ? queries : name.contains(".attn_k.") ? keys : 0;
    }
  }
}
