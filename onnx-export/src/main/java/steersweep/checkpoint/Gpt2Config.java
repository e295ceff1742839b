package steersweep.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import steersweep.model.ModelShape;

/**
 * A GPT-2. Keys and defaults are those of transformers' {@code configuration_gpt2}.
 *
 * @param shape sizes
 * @param layerNormEps added to the variance before the root
 * @param activation between the products of the feed-forward part
 * @param scaled whether attention scores are divided by the root of the head width
 * @param scaledByLayer whether they are also divided by the layer's number, counted from 1
 * @param tiedEmbeddings whether the output layer uses the input embedding
 */
public record Gpt2Config(
    ModelShape shape,
    double layerNormEps,
    Activation activation,
    boolean scaled,
    boolean scaledByLayer,
    boolean tiedEmbeddings)
    implements FamilyConfig {
  public static final String EMBEDDING = "transformer.wte.weight";
  public static final String POSITIONS = "transformer.wpe.weight";
  public static final String FINAL_NORM = "transformer.ln_f";
  public static final String OUTPUT = "lm_head.weight";

  static Gpt2Config read(ConfigReader config) {
    config.requireNeutral();
    config.ignore(
        "attn_pdrop",
        "embd_pdrop",
        "n_ctx",
        "reorder_and_upcast_attn",
        "resid_pdrop",
        "summary_activation",
        "summary_first_dropout",
        "summary_proj_to_labels",
        "summary_type",
        "summary_use_proj",
        "task_specific_params");
    int nVocab = config.size("vocab_size", 50257);
    int longest = config.size("n_positions", 1024);
    int dModel = config.size("n_embd", 768);
    int nLayers = config.size("n_layer", 12, ConfigReader.MOST_LAYERS);
    int nHeads = config.size("n_head", 12, ConfigReader.MOST_HEADS);
    int dMlp = ConfigReader.given(config.peek("n_inner")) ? config.size("n_inner", 0) : 4 * dModel;
    config.key("n_inner"); // null is how transformers writes four times the width
    Activation activation = config.activation("activation_function", Activation.GELU_TANH);
    double eps = config.number(config.key("layer_norm_epsilon"), "layer_norm_epsilon", 1e-5);
    boolean scaled = config.flag("scale_attn_weights", true);
    boolean scaledByLayer = config.flag("scale_attn_by_inverse_layer_idx", false);
    boolean tied = config.flag("tie_word_embeddings", true);
    int dHead = config.headWidth("n_embd", dModel, "n_head", nHeads);
    config.throwIfAny();
    return new Gpt2Config(
        new ModelShape(nLayers, nHeads, nHeads, dModel, dHead, dMlp, nVocab, longest),
        eps,
        activation,
        scaled,
        scaledByLayer,
        tied);
  }

  /** Name of a layer's part, without {@code .weight} or {@code .bias}. */
  public static String inLayer(int layer, String part) {
    return "transformer.h." + layer + "." + part;
  }

  @Override
  public String lengthKey() {
    return "n_positions";
  }

  /** Matrices lie as [in, out] here. */
  @Override
  public Map<String, List<Long>> tensors() {
    TensorTable table = new TensorTable();
    long dModel = shape.dModel();
    long dMlp = shape.dMlp();
    table.add(EMBEDDING, shape.nVocab(), dModel);
    table.add(POSITIONS, shape.maxPositions(), dModel);
    for (int layer = 0; layer < shape.nLayers(); layer++) {
      table.normWithShift(inLayer(layer, "ln_1"), dModel);
      table.conv1d(inLayer(layer, "attn.c_attn"), dModel, 3 * dModel);
      table.conv1d(inLayer(layer, "attn.c_proj"), dModel, dModel);
      table.normWithShift(inLayer(layer, "ln_2"), dModel);
      table.conv1d(inLayer(layer, "mlp.c_fc"), dModel, dMlp);
      table.conv1d(inLayer(layer, "mlp.c_proj"), dMlp, dModel);
    }
    table.normWithShift(FINAL_NORM, dModel);
    if (!tiedEmbeddings) {
      table.add(OUTPUT, shape.nVocab(), dModel);
    }
    return table.shapes();
  }

  /** The first GPT-2 files were saved without the language model's prefix. */
  @Override
  public String optionalPrefix() {
    return "transformer.";
  }

  @Override
  public Optional<Tied> tied() {
    return tiedEmbeddings ? Optional.of(new Tied(EMBEDDING, OUTPUT)) : Optional.empty();
  }

  @Override
  public Set<String> lookedUp() {
    return tiedEmbeddings ? Set.of(POSITIONS) : Set.of(POSITIONS, EMBEDDING);
  }

  /** Old checkpoints carry the causal mask, and tied ones sometimes the output layer again. */
  @Override
  public boolean ignores(String tensor) {
    return tensor.endsWith(".attn.bias")
        || tensor.endsWith(".attn.masked_bias")
        || tiedEmbeddings && tensor.equals(OUTPUT);
  }

  @Override
  public Map<String, String> facts() {
    return Map.of(
        "extras",
        "learned positions, "
            + activation.word()
            + (scaled ? "" : ", scores not scaled")
            + (scaledByLayer ? ", scores scaled by layer" : "")
            + (tiedEmbeddings ? ", output layer tied to the embedding" : ""));
  }
}
