package steersweep.bake;

import java.util.List;
import java.util.Map;
import steersweep.checkpoint.Family;

/**
 * What a family's checkpoints call the parts of a block that have a {@link Carrier}'s bias.
 *
 * @param layers what stands before a block's number
 * @param parts by carrier, the part whose bias it is
 * @param together by carrier, the parts that have biases if that one has
 * @param keys by carrier, the key of config.json that says that they have; none where they always
 *     have
 * @param inputFirst whether matrices lie as [in, out] rather than [out, in]
 */
record BlockNames(
    String layers,
    Map<Carrier, String> parts,
    Map<Carrier, List<String>> together,
    Map<Carrier, String> keys,
    boolean inputFirst) {
  private static final BlockNames LLAMA =
      new BlockNames(
          "model.layers.",
          Map.of(
              Carrier.VALUE_BIAS,
              "self_attn.v_proj",
              Carrier.ATTENTION_BIAS,
              "self_attn.o_proj",
              Carrier.MLP_BIAS,
              "mlp.down_proj"),
          Map.of(
              Carrier.ATTENTION_BIAS,
              List.of(
                  "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"),
              Carrier.MLP_BIAS,
              List.of("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")),
          Map.of(Carrier.ATTENTION_BIAS, "attention_bias", Carrier.MLP_BIAS, "mlp_bias"),
          false);
  private static final BlockNames GPT2 =
      new BlockNames(
          "transformer.h.",
          Map.of(Carrier.ATTENTION_BIAS, "attn.c_proj", Carrier.MLP_BIAS, "mlp.c_proj"),
          Map.of(),
          Map.of(),
          true);
  private static final BlockNames GPT_NEOX =
      new BlockNames(
          "gpt_neox.layers.",
          Map.of(Carrier.ATTENTION_BIAS, "attention.dense", Carrier.MLP_BIAS, "mlp.dense_4h_to_h"),
          Map.of(Carrier.ATTENTION_BIAS, List.of("attention.query_key_value", "attention.dense")),
          Map.of(Carrier.ATTENTION_BIAS, "attention_bias"),
          false);

  static BlockNames of(Family family) {
    return switch (family) {
      case LLAMA, MISTRAL, QWEN2, QWEN3 -> LLAMA;
      case GPT2 -> GPT2;
      case GPT_NEOX -> GPT_NEOX;
      case T5 -> throw new IllegalArgumentException("nothing of a T5 has a bias");
    };
  }

  String part(Carrier carrier) {
    String part = parts.get(carrier);
    if (part == null) {
      throw new IllegalArgumentException("no " + carrier + " in " + layers);
    }
    return part;
  }
}
