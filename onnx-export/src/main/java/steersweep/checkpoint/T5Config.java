package steersweep.checkpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import steersweep.model.ModelShape;

/**
 * A T5: the first one (v1.0), or 1.1 and FLAN-T5. Keys and defaults are those of transformers'
 * {@code configuration_t5}.
 *
 * @param shape sizes; heads together may be narrower or wider than the model
 * @param layerNormEps added to the mean square before the root
 * @param activation of the feed-forward part
 * @param gated whether it has a second matrix beside the activated one
 * @param buckets distances between tokens that have a bias of their own
 * @param farthest distance from which on all have the same
 * @param scaledOutput whether what goes into the output layer is divided by the root of the width
 * @param ownOutput whether the output layer is another matrix than the embedding
 */
public record T5Config(
    ModelShape shape,
    double layerNormEps,
    Activation activation,
    boolean gated,
    int buckets,
    int farthest,
    boolean scaledOutput,
    boolean ownOutput)
    implements FamilyConfig {
  public static final String EMBEDDING = "shared.weight";
  public static final String OUTPUT = "lm_head.weight";

  /** Positions are relative, and no length is too long; a bound for sizes that are computed. */
  private static final int LONGEST = 1 << 20;

  /** Farther than in any model: a table of so many numbers is in the graph. */
  private static final int MOST_DISTANCE = 1 << 16;

  private static final String GATED = "gated-";

  static T5Config read(ConfigReader config) {
    config.requireNeutral("is_encoder_decoder");
    config.ignore(
        "classifier_dropout",
        "dense_act_fn",
        "dropout_rate",
        "initializer_factor",
        "is_gated_act",
        "n_positions",
        "output_past",
        "task_specific_params");
    if (!config.flag("is_encoder_decoder", true)) {
      config.fault("is_encoder_decoder", "not supported; got false, expected true or no such key");
    }
    int nVocab = config.size("vocab_size", 32128);
    int dModel = config.size("d_model", 512);
    int dHead = config.size("d_kv", 64);
    int dMlp = config.size("d_ff", 2048);
    int nEncoder = config.size("num_layers", 6, ConfigReader.MOST_LAYERS);
    int nDecoder =
        ConfigReader.given(config.key("num_decoder_layers"))
            ? config.size("num_decoder_layers", nEncoder, ConfigReader.MOST_LAYERS)
            : nEncoder;
    int nHeads = config.size("num_heads", 8, ConfigReader.MOST_HEADS);
    int buckets = config.size("relative_attention_num_buckets", 32);
    int farthest = config.size("relative_attention_max_distance", 128);
    if (buckets % 4 != 0 || farthest <= buckets / 2 || farthest > MOST_DISTANCE) {
      config.fault(
          "relative_attention_num_buckets",
          "not supported; got "
              + buckets
              + " up to a distance of "
              + farthest
              + ", expected a multiple of 4, and a distance of more than half of it up to "
              + MOST_DISTANCE);
    }
    double eps = config.number(config.key("layer_norm_epsilon"), "layer_norm_epsilon", 1e-6);
    String projection = config.key("feed_forward_proj").asText("relu");
    boolean gated = projection.startsWith(GATED);
    Activation activation =
        projection.equals("gated-gelu") // in transformers this means gelu_new
            ? Activation.GELU_TANH
            : Activation.of(gated ? projection.substring(GATED.length()) : projection).orElse(null);
    if (activation == null) {
      config.fault(
          "feed_forward_proj",
          "not supported; got \""
              + projection
              + "\", expected one of "
              + Activation.choices()
              + ", maybe behind "
              + GATED);
    }
    // transformers 5 writes that every model is tied, and into another key what it was before
    boolean tied = config.flag("tie_word_embeddings", true);
    boolean scaled = config.flag("scale_decoder_outputs", tied);
    int start = config.token("decoder_start_token_id", config.token("pad_token_id", 0));
    config.throwIfAny();
    return new T5Config(
        new ModelShape(nDecoder, nHeads, nHeads, dModel, dHead, dMlp, nVocab, LONGEST)
            .withEncoder(nEncoder, start),
        eps,
        Objects.requireNonNull(activation),
        gated,
        buckets,
        farthest,
        scaled,
        !tied);
  }

  /**
   * Name of a layer's part, without {@code .weight}.
   *
   * @param stack {@code encoder} or {@code decoder}
   * @param part 0 is attention, then cross-attention in the decoder, then feed-forward
   */
  public static String inLayer(String stack, int layer, int part, String name) {
    return stack + ".block." + layer + ".layer." + part + "." + name;
  }

  /** Of a stack: [buckets, heads]. */
  public static String bias(String stack) {
    return inLayer(stack, 0, 0, "SelfAttention.relative_attention_bias.weight");
  }

  @Override
  public String lengthKey() {
    return "relative positions";
  }

  @Override
  public Map<String, List<Long>> tensors() {
    TensorTable table = new TensorTable();
    table.add(EMBEDDING, shape.nVocab(), shape.dModel());
    stack(table, "encoder", shape.nEncoderLayers(), false);
    stack(table, "decoder", shape.nLayers(), true);
    if (ownOutput) {
      table.add(OUTPUT, shape.nVocab(), shape.dModel());
    }
    return table.shapes();
  }

  private void stack(TensorTable table, String stack, int layers, boolean crosses) {
    table.add(bias(stack), buckets, shape.nHeads());
    for (int layer = 0; layer < layers; layer++) {
      attention(table, stack, layer, 0, "SelfAttention");
      if (crosses) {
        attention(table, stack, layer, 1, "EncDecAttention");
      }
      int last = crosses ? 2 : 1;
      table.norm(inLayer(stack, layer, last, "layer_norm"), shape.dModel());
      String mlp = inLayer(stack, layer, last, "DenseReluDense.");
      for (String in : gated ? List.of("wi_0", "wi_1") : List.of("wi")) {
        table.linear(mlp + in, shape.dMlp(), shape.dModel(), false);
      }
      table.linear(mlp + "wo", shape.dModel(), shape.dMlp(), false);
    }
    table.norm(stack + ".final_layer_norm", shape.dModel());
  }

  private void attention(TensorTable table, String stack, int layer, int part, String name) {
    long inner = (long) shape.nHeads() * shape.dHead();
    table.norm(inLayer(stack, layer, part, "layer_norm"), shape.dModel());
    for (String of : List.of(".q", ".k", ".v")) {
      table.linear(inLayer(stack, layer, part, name + of), inner, shape.dModel(), false);
    }
    table.linear(inLayer(stack, layer, part, name + ".o"), shape.dModel(), inner, false);
  }

  /** Whether the output layer is a matrix of its own is seen best from the checkpoint. */
  @Override
  public T5Config with(Set<String> tensors) {
    return new T5Config(
        shape,
        layerNormEps,
        activation,
        gated,
        buckets,
        farthest,
        scaledOutput,
        tensors.contains(OUTPUT));
  }

  /** Transformers 5 writes that they are whatever the checkpoint holds. */
  @Override
  public Optional<Tied> tied() {
    return Optional.empty();
  }

  @Override
  public Set<String> lookedUp() {
    Set<String> biases = Set.of(bias("encoder"), bias("decoder"));
    return ownOutput ? Set.of(EMBEDDING, bias("encoder"), bias("decoder")) : biases;
  }

  /** Checkpoints on hubs carry the embedding once more for each stack, and an unused bias. */
  @Override
  public boolean ignores(String tensor) {
    return tensor.endsWith("coder.embed_tokens.weight")
        || tensor.endsWith("EncDecAttention.relative_attention_bias.weight");
  }

  @Override
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "encoder",
        shape.nEncoderLayers() + " layers; the decoder starts with token " + shape.startToken());
    facts.put("positions", "relative, " + buckets + " buckets up to a distance of " + farthest);
    facts.put(
        "extras",
        (gated ? GATED : "")
            + activation.word()
            + (scaledOutput ? ", output scaled" : "")
            + (ownOutput ? "" : ", output layer tied to the embedding"));
    return facts;
  }

  /**
   * The bucket of each distance from -farthest to farthest, key's position minus query's. Follows
   * transformers' {@code _relative_position_bucket} step by step in float32.
   *
   * @param both whether a query sees keys on both sides
   */
  public long[] bucketsOfDistances(boolean both) {
    long[] found = new long[2 * farthest + 1];
    int ofSide = both ? buckets / 2 : buckets;
    int exact = ofSide / 2;
    for (int i = 0; i < found.length; i++) {
      int relative = i - farthest;
      int distance = both ? Math.abs(relative) : Math.max(0, -relative);
      float share =
          (float) Math.log((float) distance / exact)
              / (float) Math.log((double) farthest / exact)
              * (ofSide - exact);
      int bucket = distance < exact ? distance : Math.min(exact + (int) share, ofSide - 1);
      found[i] = bucket + (both && relative > 0 ? ofSide : 0);
    }
    return found;
  }
}
