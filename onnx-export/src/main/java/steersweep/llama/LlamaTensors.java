package steersweep.llama;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.ConvertedWeights;
import steersweep.checkpoint.LlamaConfig;
import steersweep.checkpoint.StoredTensor;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.ModelShape;

/** The tensors that a checkpoint must have by its config, checked against those it has. */
final class LlamaTensors {
  static final String EMBEDDING = "model.embed_tokens.weight";
  static final String FINAL_NORM = "model.norm.weight";
  static final String OUTPUT = "lm_head.weight";
  static final String WEIGHT = ".weight";
  static final String BIAS = ".bias";

  private final LlamaConfig config;
  private final Map<String, List<Long>> expected = new LinkedHashMap<>();

  private LlamaTensors(LlamaConfig config) {
    this.config = config;
  }

  /**
   * The tensors of the checkpoint that the model needs.
   *
   * @throws UserError naming every tensor that is missing, left over, of the wrong shape or type
   */
  static StoredWeights of(Checkpoint checkpoint) {
    LlamaTensors tensors = new LlamaTensors(checkpoint.config());
    tensors.expect();
    return tensors.check(checkpoint);
  }

  /** Name of a layer's part, without {@link #WEIGHT} or {@link #BIAS}. */
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
    expected.put(FINAL_NORM, List.of(dModel));
    if (!config.tiedEmbeddings()) {
      expected.put(OUTPUT, List.of((long) shape.nVocab(), dModel));
    }
  }

  private void norm(int layer, String part, long width) {
    expected.put(inLayer(layer, part) + WEIGHT, List.of(width));
  }

  private void linear(int layer, String part, long out, long in, boolean bias) {
    expected.put(inLayer(layer, part) + WEIGHT, List.of(out, in));
    if (bias) {
      expected.put(inLayer(layer, part) + BIAS, List.of(out));
    }
  }

  private StoredWeights check(Checkpoint checkpoint) {
    TensorLines wrong = new TensorLines();
    TensorLines ignored = new TensorLines();
    Map<String, StoredTensor> used = new LinkedHashMap<>();
    expected.forEach(
        (name, shape) -> {
          StoredTensor tensor = checkpoint.tensors().get(name);
          if (tensor == null) {
            wrong.add("tensor missing: ", name, " " + shape);
          } else if (!tensor.shape().equals(shape)) {
            wrong.add("tensor ", name, ": got shape " + tensor.shape() + ", expected " + shape);
          } else if (!ConvertedWeights.sourceTypes().contains(tensor.dtype())) {
            String types = String.join(", ", ConvertedWeights.sourceTypes());
            wrong.add(
                "tensor ", name, ": got type " + tensor.dtype() + ", expected one of " + types);
          } else {
            used.put(name, tensor);
          }
        });
    String notKnown = "tensor not known in a " + config.family().modelType() + " model: ";
    for (String name : new TreeSet<>(checkpoint.tensors().keySet())) {
      if (!expected.containsKey(name)) {
        StoredTensor tensor = Objects.requireNonNull(checkpoint.tensors().get(name));
        if (ignored(name)) {
          ignored.add("", name, "");
        } else {
          wrong.add(notKnown, name, " " + tensor.shape());
        }
      }
    }
    Faults faults = new Faults();
    wrong.lines().forEach(line -> faults.add(checkpoint.folder().toString(), line));
    faults.throwIfAny();
    return new StoredWeights(used, ignored.lines());
  }

  /**
   * Old checkpoints carry the rotary frequencies, and tied ones sometimes the output layer a second
   * time.
   */
  private boolean ignored(String name) {
    return name.endsWith("rotary_emb.inv_freq") || (config.tiedEmbeddings() && name.equals(OUTPUT));
  }
}
