package steersweep.sweep;

import java.util.Arrays;
import steersweep.engine.PromptTokenizer;

/** How texts of a plan become tokens. */
final class Prompts {
  private Prompts() {}

  /**
   * Tokens of a continuation that stands after a prompt and a blank.
   *
   * @return empty if the tokenizer does not keep the prompt's tokens before it, or makes none of it
   */
  static int[] continuation(PromptTokenizer tokenizer, String prompt, String continuation) {
    int[] before = tokenizer.encode(prompt);
    int[] both = tokenizer.encode(prompt + " " + continuation);
    boolean kept =
        both.length > before.length
            && Arrays.equals(before, 0, before.length, both, 0, before.length);
    return kept ? Arrays.copyOfRange(both, before.length, both.length) : new int[0];
  }
}
