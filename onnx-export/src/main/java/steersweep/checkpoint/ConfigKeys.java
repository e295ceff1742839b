package steersweep.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Keys of config.json that are not read for what they say. */
final class ConfigKeys {
  static final List<String> ABSENT = List.of();
  private static final List<String> OFF = List.of("false");
  private static final List<String> ONE = List.of("1", "1.0");
  private static final List<String> NO_EXPERTS = List.of("0");

  /**
   * Keys by which models say that they compute something that others do not, and the values under
   * which they say nothing. A family that does compute it reads the key itself.
   */
  static final SortedMap<String, List<String>> NEUTRAL =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("add_cross_attention", OFF),
              Map.entry("alibi", OFF),
              Map.entry("attention_chunk_size", ABSENT),
              Map.entry("attention_multiplier", ABSENT),
              Map.entry("attn_logit_softcapping", ABSENT),
              Map.entry("clip_qkv", ABSENT),
              Map.entry("compression_config", ABSENT),
              Map.entry("embedding_multiplier", ONE),
              Map.entry("final_logit_softcapping", ABSENT),
              Map.entry("is_encoder_decoder", OFF),
              Map.entry("logit_scale", ONE),
              Map.entry("logits_scaling", ONE),
              Map.entry("moe_intermediate_size", NO_EXPERTS),
              Map.entry("n_routed_experts", NO_EXPERTS),
              Map.entry("no_rope_layer_interval", ABSENT),
              Map.entry("no_rope_layers", List.of("[]")),
              Map.entry("num_experts", NO_EXPERTS),
              Map.entry("num_local_experts", NO_EXPERTS),
              Map.entry("partial_rotary_factor", ONE),
              Map.entry("post_norm", OFF),
              Map.entry("pruned_heads", List.of("{}")),
              Map.entry("qk_layernorm", OFF),
              Map.entry("quantization_config", ABSENT),
              Map.entry("query_pre_attn_scalar", ABSENT),
              Map.entry("residual_multiplier", ONE),
              Map.entry("rope_interleaved", OFF),
              Map.entry("rotary_pct", ONE),
              Map.entry("scale_depth", ABSENT),
              Map.entry("scale_emb", ABSENT),
              Map.entry("use_parallel_residual", OFF),
              Map.entry("use_qk_norm", OFF)));

  /** Keys of any family for training, for the choice of tokens or for book-keeping. */
  static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "_attn_implementation_autoset",
          "_name_or_path",
          "architectures",
          "attention_dropout",
          "auto_map",
          "chunk_size_feed_forward",
          "do_sample",
          "dtype",
          "hidden_dropout",
          "id2label",
          "initializer_range",
          "is_decoder",
          "label2id",
          "max_length",
          "output_attentions",
          "output_hidden_states",
          "pad_token_id",
          "problem_type",
          "return_dict",
          "temperature",
          "tokenizer_class",
          "top_k",
          "top_p",
          "torch_dtype",
          "torchscript",
          "transformers_version",
          "use_cache");

  private ConfigKeys() {}
}
