package steersweep.engine;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import steersweep.error.UserError;

/**
 * The checkpoint's own tokenizer, from tokenizer.json, as transformers would apply it. Never
 * touches the network.
 */
public final class PromptTokenizer implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;

  private PromptTokenizer(HuggingFaceTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * @param checkpoint folder with tokenizer.json
   */
  public static PromptTokenizer open(Path checkpoint) {
    // Without this the library tries to download a CUDA build of itself where it sees an NVIDIA
    // driver.
    System.setProperty("ai.djl.offline", "true");
    Path file = checkpoint.resolve("tokenizer.json");
    try {
      return new PromptTokenizer(
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(file)
              .optAddSpecialTokens(true)
              .optTruncation(false)
              .optPadding(false)
              .build());
    } catch (IOException | RuntimeException e) {
      throw new UserError(file.toString(), "not a usable tokenizer; " + e.getMessage(), e);
    }
  }

  /** Token ids of a text, with the special tokens that the tokenizer itself puts around it. */
  public int[] encode(String text) {
    return Arrays.stream(tokenizer.encode(text).getIds()).mapToInt(Math::toIntExact).toArray();
  }

  /**
   * The text that {@code tokens} add after {@code prompt}, leading space included, special tokens
   * left out.
   */
  public String decodeContinuation(int[] prompt, List<Integer> tokens) {
    String before = decode(Arrays.stream(prompt).asLongStream().toArray());
    long[] all = new long[prompt.length + tokens.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = i < prompt.length ? prompt[i] : tokens.get(i - prompt.length);
    }
    String whole = decode(all);
    return whole.startsWith(before)
        ? whole.substring(before.length())
        : decode(Arrays.copyOfRange(all, prompt.length, all.length));
  }

  private String decode(long[] ids) {
    return tokenizer.decode(ids, true);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
