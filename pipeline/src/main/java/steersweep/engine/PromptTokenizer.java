package steersweep.engine;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.error.UserError;
import steersweep.model.ModelShape;
import steersweep.tokenizer.NativeTokenizer;
import steersweep.tokenizer.TokenizerFolder;

/**
 * The checkpoint's own tokenizer, as transformers would apply it; where transformers 4 and 5 differ
 * it refuses to choose. Never touches the network.
 */
public final class PromptTokenizer implements AutoCloseable {
  private final TokenizerFolder folder;
  private final NativeTokenizer tokenizer;

  /** Only where transformers 5 works with another tokenizer than the folder's. */
  private final @Nullable NativeTokenizer transformers5;

  /** Of models with an encoder; else null. */
  private final @Nullable ModelShape shape;

  private PromptTokenizer(TokenizerFolder folder, @Nullable ModelShape shape) {
    this.folder = folder;
    this.shape = shape;
    this.tokenizer = NativeTokenizer.open(folder.json(), folder.where());
    this.transformers5 =
        folder
            .jsonInTransformers5()
            .map(json -> NativeTokenizer.open(json, folder.where()))
            .orElse(null);
  }

  /**
   * @param checkpoint folder with tokenizer.json, or with a SentencePiece tokenizer.model
   * @throws UserError when there is none that can be used
   */
  public static PromptTokenizer open(Path checkpoint) {
    return open(TokenizerFolder.read(checkpoint), null);
  }

  /**
   * The same for prompts of a model: where it has an encoder, what its decoder starts with follows
   * every text.
   */
  public static PromptTokenizer open(Path checkpoint, ModelShape shape) {
    return open(TokenizerFolder.read(checkpoint), shape.hasEncoder() ? shape : null);
  }

  private static PromptTokenizer open(TokenizerFolder folder, @Nullable ModelShape shape) {
    PromptTokenizer opened = new PromptTokenizer(folder, shape);
    try {
      opened.folder.checkAround(opened.tokenizer.encode(""));
      return opened;
    } catch (UserError e) {
      opened.close();
      throw e;
    }
  }

  /**
   * Token ids of a text, with the special tokens that the tokenizer itself puts around it.
   *
   * @throws UserError when transformers 4 and 5 would give different ones
   */
  public int[] encode(String text) {
    int[] ids = tokenizer.encode(text);
    if (transformers5 != null) {
      int[] others = transformers5.encode(text);
      if (!Arrays.equals(ids, others)) {
        throw folder.differs(text, ids, others);
      }
    }
    return shape == null ? ids : shape.prompt(ids);
  }

  /**
   * Token ids of a text that stands after a prompt and a blank; where the model has an encoder, of
   * a text that its decoder makes.
   *
   * @return empty if the tokenizer does not keep the prompt's tokens before it, or makes none of it
   */
  public int[] encodeContinuation(String prompt, String continuation) {
    if (shape != null) {
      int[] alone = tokenizer.encode(continuation);
      return Arrays.copyOf(alone, alone.length - tokenizer.encode("").length);
    }
    int[] before = encode(prompt);
    int[] both = encode(prompt + " " + continuation);
    boolean kept =
        both.length > before.length
            && Arrays.equals(before, 0, before.length, both, 0, before.length);
    return kept ? Arrays.copyOfRange(both, before.length, both.length) : new int[0];
  }

  /**
   * The text that {@code tokens} add after {@code prompt}, leading space included, special tokens
   * left out.
   */
  public String decodeContinuation(int[] prompt, List<Integer> tokens) {
    int[] added = tokens.stream().mapToInt(Integer::intValue).toArray();
    int[] all = Arrays.copyOf(prompt, prompt.length + added.length);
    System.arraycopy(added, 0, all, prompt.length, added.length);
    String before = tokenizer.decode(prompt);
    String whole = tokenizer.decode(all);
    // Bytes of a cut character change the text of the bytes before them.
    return whole.startsWith(before) ? whole.substring(before.length()) : tokenizer.decode(added);
  }

  /** Names the vocabulary's file in messages. */
  public String where() {
    return folder.where();
  }

  @Override
  public void close() {
    tokenizer.close();
    if (transformers5 != null) {
      transformers5.close();
    }
  }
}
