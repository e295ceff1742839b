package steersweep.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.Utils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import steersweep.device.NativeFolder;
import steersweep.error.UserError;

/**
 * Hugging Face's tokenizers library, on the content of a tokenizer.json. The only class that names
 * the library, because it must be told to keep off the network before it loads.
 */
public final class NativeTokenizer implements AutoCloseable {
  private static final Map<String, String> OPTIONS =
      Map.of("addSpecialTokens", "true", "truncation", "false", "padding", "false");

  static {
    System.setProperty("ai.djl.offline", "true");
    // It looks for a CUDA build of itself where it sees an NVIDIA driver, and reports its use.
    System.setProperty("RUST_FLAVOR", "cpu");
    System.setProperty("OPT_OUT_TRACKING", "true");
  }

  private final HuggingFaceTokenizer tokenizer;
  private final String where;

  private NativeTokenizer(HuggingFaceTokenizer tokenizer, String where) {
    this.tokenizer = tokenizer;
    this.where = where;
  }

  /**
   * @param json content of a tokenizer.json; its truncation and padding are not applied
   * @param where names the tokenizer in messages
   */
  public static NativeTokenizer open(String json, String where) {
    NativeFolder.use();
    TokenizerTrial.require(json, where);
    try {
      LibUtils.checkStatus();
    } catch (RuntimeException | LinkageError e) {
      throw new UserError(
          "tokenizer library",
          "cannot be unpacked and loaded; got cache folder "
              + Utils.getEngineCacheDir()
              + " ("
              + rootOf(e).getMessage()
              + "), expected one with space, from where programs may be run, that only this user can"
              + " write: name one in the environment variable XDG_CACHE_HOME",
          e);
    }
    try {
      return new NativeTokenizer(
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), OPTIONS),
          where);
    } catch (IOException | RuntimeException e) {
      throw new UserError(where, "not a usable tokenizer; " + e.getMessage(), e);
    }
  }

  private static Throwable rootOf(Throwable e) {
    return e.getCause() == null ? e : rootOf(e.getCause());
  }

  /** Token ids of a text, with the special tokens that the tokenizer puts around it. */
  public int[] encode(String text) {
    return Arrays.stream(tokenizer.encode(text).getIds()).mapToInt(this::id).toArray();
  }

  private int id(long id) {
    if (id < 0 || id > Integer.MAX_VALUE) {
      throw new UserError(where, "got token id " + id + ", expected at most " + Integer.MAX_VALUE);
    }
    return (int) id;
  }

  /** The text of token ids; special tokens are left out, spaces are left as they are. */
  public String decode(int[] ids) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
