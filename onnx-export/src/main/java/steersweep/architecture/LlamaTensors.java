package steersweep.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import steersweep.checkpoint.LlamaConfig;
import steersweep.model.ModelShape;

/** The tensors that a checkpoint of a Llama must have by its config. */
final class LlamaTensors {
  static final String EMBEDDING = "model.embed_tokens.weight";
  static final String FINAL_NORM = "model.norm";
  static final String OUTPUT = "lm_head.weight";

  private final LlamaConfig config;
  private final Map<String, List<Long>> expected = new LinkedHashMap<>();

  LlamaTensors(LlamaConfig config) {
    this.config = config;
    expect();
  }

  /** Shapes by name. */
  Map<String, List<Long>> expected() {
    return expected;
  }

  /** Name of a layer's part, without {@code .weight} or {@code .bias}. */
  static String inLayer(int layer, String part) {
    return "model.layers." + layer + "." + part;
  }

  private void expect() {
    ModelShape shape = config.shape();
    LlamaConfig.Extras extras = config.extras();
    long dModel = shape.dModel();
    long dMlp = shape.dMlp();
    long queryWidth = (long) shape.nHeads() * shape.dHead();
    long keyWidth = (long) shape.nKvHeads() * shape.dHead();
    expected.put(EMBEDDING, List.of((long) shape.nVocab(), dModel));
    for (int layer = 0; layer < shape.nLayers(); layer++) {
      norm(layer, "input_layernorm", dModel);
      linear(layer, "self_attn.q_proj", queryWidth, dModel, extras.queryKeyValueBias());
      linear(layer, "self_attn.k_proj", keyWidth, dModel, extras.queryKeyValueBias());
      linear(layer, "self_attn.v_proj", keyWidth, dModel, extras.queryKeyValueBias());
      linear(layer, "self_attn.o_proj", dModel, queryWidth, extras.attentionOutputBias());
      if (extras.queryKeyNorm()) {
        norm(layer, "self_attn.q_norm", shape.dHead());
        norm(layer, "self_attn.k_norm", shape.dHead());
      }
      norm(layer, "post_attention_layernorm", dModel);
      linear(layer, "mlp.gate_proj", dMlp, dModel, extras.mlpBias());
      linear(layer, "mlp.up_proj", dMlp, dModel, extras.mlpBias());
      linear(layer, "mlp.down_proj", dModel, dMlp, extras.mlpBias());
    }
    expected.put(FINAL_NORM + Weights.WEIGHT, List.of(dModel));
    if (!config.tiedEmbeddings()) {
      expected.put(OUTPUT, List.of((long) shape.nVocab(), dModel));
    }
  }

  private void norm(int layer, String part, long width) {
    expected.put(inLayer(layer, part) + Weights.WEIGHT, List.of(width));
  }

  private void linear(int layer, String part, long out, long in, boolean bias) {
    expected.put(inLayer(layer, part) + Weights.WEIGHT, List.of(out, in));
    if (bias) {
      expected.put(inLayer(layer, part) + Weights.BIAS, List.of(out));
    }
  }
}
