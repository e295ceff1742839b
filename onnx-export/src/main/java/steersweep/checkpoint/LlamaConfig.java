package steersweep.checkpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import steersweep.model.ModelShape;

/**
 * A Llama, or one of its relatives.
 *
 * @param shape sizes
 * @param lengthKey {@code max_position_embeddings}, or {@code sliding_window} where that is less,
 *     since a window makes no difference only to sequences that fit into it
 * @param rmsNormEps added to the mean square before the root
 * @param rope rotary position embedding
 * @param extras what the blocks have beyond those of the first Llama
 * @param tiedEmbeddings whether the output layer uses the input embedding
 */
public record LlamaConfig(
    ModelShape shape,
    String lengthKey,
    double rmsNormEps,
    Rope rope,
    Extras extras,
    boolean tiedEmbeddings)
    implements FamilyConfig {
  public static final String EMBEDDING = "model.embed_tokens.weight";
  public static final String FINAL_NORM = "model.norm";
  public static final String OUTPUT = "lm_head.weight";

  /**
   * Weights that only some of the family have.
   *
   * @param queryKeyValueBias biases of {@code q_proj, k_proj, v_proj}
   * @param attentionOutputBias bias of {@code o_proj}
   * @param mlpBias biases of {@code gate_proj, up_proj, down_proj}
   * @param queryKeyNorm RMSNorm of every head's query and key, before the rotary embedding
   */
  public record Extras(
      boolean queryKeyValueBias,
      boolean attentionOutputBias,
      boolean mlpBias,
      boolean queryKeyNorm) {
    public static final Extras NONE = new Extras(false, false, false, false);
  }

  /** Name of a layer's part, without {@code .weight} or {@code .bias}. */
  public static String inLayer(int layer, String part) {
    return "model.layers." + layer + "." + part;
  }

  @Override
  public Map<String, List<Long>> tensors() {
    TensorTable table = new TensorTable();
    long dModel = shape.dModel();
    long dMlp = shape.dMlp();
    long queryWidth = (long) shape.nHeads() * shape.dHead();
    long keyWidth = (long) shape.nKvHeads() * shape.dHead();
    table.add(EMBEDDING, shape.nVocab(), dModel);
    for (int layer = 0; layer < shape.nLayers(); layer++) {
      String block = inLayer(layer, "");
      table.norm(block + "input_layernorm", dModel);
      table.linear(block + "self_attn.q_proj", queryWidth, dModel, extras.queryKeyValueBias);
      table.linear(block + "self_attn.k_proj", keyWidth, dModel, extras.queryKeyValueBias);
      table.linear(block + "self_attn.v_proj", keyWidth, dModel, extras.queryKeyValueBias);
      table.linear(block + "self_attn.o_proj", dModel, queryWidth, extras.attentionOutputBias);
      if (extras.queryKeyNorm) {
        table.norm(block + "self_attn.q_norm", shape.dHead());
        table.norm(block + "self_attn.k_norm", shape.dHead());
      }
      table.norm(block + "post_attention_layernorm", dModel);
      table.linear(block + "mlp.gate_proj", dMlp, dModel, extras.mlpBias);
      table.linear(block + "mlp.up_proj", dMlp, dModel, extras.mlpBias);
      table.linear(block + "mlp.down_proj", dModel, dMlp, extras.mlpBias);
    }
    table.norm(FINAL_NORM, dModel);
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

  /**
   * Old checkpoints carry the rotary frequencies, and tied ones sometimes the output layer a second
   * time.
   */
  @Override
  public boolean ignores(String tensor) {
    return tensor.endsWith("rotary_emb.inv_freq") || tiedEmbeddings && tensor.equals(OUTPUT);
  }

  @Override
  public Map<String, String> facts() {
    String parts =
        Stream.of(
                extras.queryKeyValueBias ? "biases of q, k, v" : "",
                extras.attentionOutputBias ? "bias of o" : "",
                extras.mlpBias ? "biases of the MLP" : "",
                extras.queryKeyNorm ? "norms of q and k" : "",
                tiedEmbeddings ? "output layer tied to the embedding" : "")
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(", "));
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("rotary", rope.text());
    facts.put("extras", parts.isEmpty() ? "none" : parts);
    return facts;
  }
}
