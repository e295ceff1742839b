package steersweep.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The architectures that can be exported, by the {@code model_type} of config.json, with the values
 * that transformers assumes where a key is missing (its {@code configuration_llama}, {@code
 * _mistral}, {@code _qwen2}, {@code _qwen3}).
 */
public enum Family {
  LLAMA("llama", 32000, 11008, null, null, 2048, List.of(1), List.of(2)),
  MISTRAL("mistral", 32000, 14336, 8, null, 131072, List.of(1), List.of(2)),
  QWEN2("qwen2", 151936, 22016, 32, null, 32768, List.of(), List.of()),
  QWEN3("qwen3", 151936, 22016, 32, 128, 32768, List.of(), List.of());

  final String modelType;
  final int vocabSize;
  final int intermediateSize;

  /** null: as many as there are query heads. */
  final @Nullable Integer keyValueHeads;

  /** null: hidden_size / num_attention_heads. */
  final @Nullable Integer headDim;

  final int maxPositions;
  final List<Integer> bosTokens;
  final List<Integer> eosTokens;

  Family(
      String modelType,
      int vocabSize,
      int intermediateSize,
      @Nullable Integer keyValueHeads,
      @Nullable Integer headDim,
      int maxPositions,
      List<Integer> bosTokens,
      List<Integer> eosTokens) {
    this.modelType = modelType;
    this.vocabSize = vocabSize;
    this.intermediateSize = intermediateSize;
    this.keyValueHeads = keyValueHeads;
    this.headDim = headDim;
    this.maxPositions = maxPositions;
    this.bosTokens = bosTokens;
    this.eosTokens = eosTokens;
  }

  /** {@code model_type} in config.json. */
  public String modelType() {
    return modelType;
  }

  static Optional<Family> of(String modelType) {
    return Arrays.stream(values()).filter(family -> family.modelType.equals(modelType)).findFirst();
  }

  static List<String> modelTypes() {
    return Arrays.stream(values()).map(Family::modelType).toList();
  }
}
