package steersweep.checkpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import steersweep.model.ModelShape;

/**
 * A GPT-NeoX, such as Pythia. Keys and defaults are those of transformers' {@code
 * configuration_gpt_neox}.
 *
 * @param shape sizes
 * @param layerNormEps added to the variance before the root
 * @param activation between the products of the feed-forward part
 * @param rope rotary position embedding
 * @param rotaryWidth how many of a head's dimensions it turns, the first ones
 * @param parallel whether attention and feed-forward part read the same residual stream
 * @param attentionBias whether the matrices of the attention have biases
 * @param tiedEmbeddings whether the output layer uses the input embedding
 */
public record GptNeoXConfig(
    ModelShape shape,
    double layerNormEps,
    Activation activation,
    Rope rope,
    int rotaryWidth,
    boolean parallel,
    boolean attentionBias,
    boolean tiedEmbeddings)
    implements FamilyConfig {
  public static final String EMBEDDING = "gpt_neox.embed_in.weight";
  public static final String FINAL_NORM = "gpt_neox.final_layer_norm";
  public static final String OUTPUT = "embed_out.weight";

  static GptNeoXConfig read(ConfigReader config) {
    config.requireNeutral("rotary_pct", "partial_rotary_factor", "use_parallel_residual");
    config.ignore("classifier_dropout");
    int nVocab = config.size("vocab_size", 50432);
    int dModel = config.size("hidden_size", 6144);
    int nLayers = config.size("num_hidden_layers", 44, ConfigReader.MOST_LAYERS);
    int nHeads = config.size("num_attention_heads", 64, ConfigReader.MOST_HEADS);
    int dMlp = config.size("intermediate_size", 24576);
    int longest = config.size("max_position_embeddings", 2048);
    Activation activation = config.activation("hidden_act", Activation.GELU);
    double eps = config.number(config.key("layer_norm_eps"), "layer_norm_eps", 1e-5);
    int dHead = config.headWidth("hidden_size", dModel, "num_attention_heads", nHeads);
    RopeReader reader = new RopeReader(config, longest, "rotary_emb_base");
    Rope rope = reader.read();
    int rotaryWidth = (int) (dHead * reader.share("rotary_pct", 0.25));
    if (dHead > 0 && (rotaryWidth < 2 || rotaryWidth % 2 != 0)) {
      config.fault(
          "rotary_pct",
          "turns " + rotaryWidth + " of " + dHead + " dimensions, expected an even number");
    }
    boolean parallel = config.flag("use_parallel_residual", true);
    boolean bias = config.flag("attention_bias", true);
    boolean tied = config.flag("tie_word_embeddings", false);
    config.throwIfAny();
    return new GptNeoXConfig(
        new ModelShape(nLayers, nHeads, nHeads, dModel, dHead, dMlp, nVocab, longest),
        eps,
        activation,
        rope,
        rotaryWidth,
        parallel,
        bias,
        tied);
  }

  /** Name of a layer's part, without {@code .weight} or {@code .bias}. */
  public static String inLayer(int layer, String part) {
    return "gpt_neox.layers." + layer + "." + part;
  }

  @Override
  public String lengthKey() {
    return "max_position_embeddings";
  }

  @Override
  public Map<String, List<Long>> tensors() {
    TensorTable table = new TensorTable();
    long dModel = shape.dModel();
    long dMlp = shape.dMlp();
    table.add(EMBEDDING, shape.nVocab(), dModel);
    for (int layer = 0; layer < shape.nLayers(); layer++) {
      table.normWithShift(inLayer(layer, "input_layernorm"), dModel);
      table.normWithShift(inLayer(layer, "post_attention_layernorm"), dModel);
      String attention = inLayer(layer, "attention.");
      table.linear(attention + "query_key_value", 3 * dModel, dModel, attentionBias);
      table.linear(attention + "dense", dModel, dModel, attentionBias);
      table.linear(inLayer(layer, "mlp.dense_h_to_4h"), dMlp, dModel, true);
      table.linear(inLayer(layer, "mlp.dense_4h_to_h"), dModel, dMlp, true);
    }
    table.normWithShift(FINAL_NORM, dModel);
    if (!tiedEmbeddings) {
      table.add(OUTPUT, shape.nVocab(), dModel);
    }
    return table.shapes();
  }

  @Override
  public Optional<Tied> tied() {
    return tiedEmbeddings ? Optional.of(new Tied(EMBEDDING, OUTPUT)) : Optional.empty();
  }

  @Override
  public Set<String> lookedUp() {
    return tiedEmbeddings ? Set.of() : Set.of(EMBEDDING);
  }

  /** Checkpoints on hubs carry the causal mask and the rotary frequencies. */
  @Override
  public boolean ignores(String tensor) {
    return tensor.endsWith(".attention.bias")
        || tensor.endsWith(".attention.masked_bias")
        || tensor.endsWith(".rotary_emb.inv_freq")
        || tiedEmbeddings && tensor.equals(OUTPUT);
  }

  @Override
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("rotary", rope.text() + ", " + rotaryWidth + " of " + shape.dHead() + " dimensions");
    facts.put(
        "extras",
        (parallel ? "parallel residual, " : "")
            + activation.word()
            + (attentionBias ? "" : ", no biases of the attention")
            + (tiedEmbeddings ? ", output layer tied to the embedding" : ""));
    return facts;
  }
}
