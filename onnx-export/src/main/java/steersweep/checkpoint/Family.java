package steersweep.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The architectures that can be exported, by the {@code model_type} of config.json, with the tokens
 * that transformers assumes where a key is missing.
 */
public enum Family {
  LLAMA("llama", List.of(1), List.of(2), llama(LlamaReader.Kind.LLAMA)),
  MISTRAL("mistral", List.of(1), List.of(2), llama(LlamaReader.Kind.MISTRAL)),
  QWEN2("qwen2", List.of(), List.of(), llama(LlamaReader.Kind.QWEN2)),
  QWEN3("qwen3", List.of(), List.of(), llama(LlamaReader.Kind.QWEN3)),
  GPT2("gpt2", List.of(50256), List.of(50256), Gpt2Config::read),
  GPT_NEOX("gpt_neox", List.of(0), List.of(2), GptNeoXConfig::read),
  T5("t5", List.of(), List.of(1), T5Config::read);

  private final String modelType;
  private final Function<ConfigReader, FamilyConfig> reader;
  final List<Integer> bosTokens;
  final List<Integer> eosTokens;

  Family(
      String modelType,
      List<Integer> bosTokens,
      List<Integer> eosTokens,
      Function<ConfigReader, FamilyConfig> reader) {
    this.modelType = modelType;
    this.bosTokens = bosTokens;
    this.eosTokens = eosTokens;
    this.reader = reader;
  }

  private static Function<ConfigReader, FamilyConfig> llama(LlamaReader.Kind kind) {
    return config -> new LlamaReader(config, kind).read();
  }

  /** {@code model_type} in config.json. */
  public String modelType() {
    return modelType;
  }

  /** What a config.json of this family says; throws what is wrong with it. */
  FamilyConfig read(ConfigReader config) {
    return reader.apply(config);
  }

  static Optional<Family> of(String modelType) {
    return Arrays.stream(values()).filter(family -> family.modelType.equals(modelType)).findFirst();
  }

  static List<String> modelTypes() {
    return Arrays.stream(values()).map(Family::modelType).toList();
  }
}
