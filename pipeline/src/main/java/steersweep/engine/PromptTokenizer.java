package steersweep.engine;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.error.UserError;
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

  private PromptTokenizer(TokenizerFolder folder) {
    this.folder = folder;
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
    PromptTokenizer opened = new PromptTokenizer(TokenizerFolder.read(checkpoint));
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
    return ids;
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
