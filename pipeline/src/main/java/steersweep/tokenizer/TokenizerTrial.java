package steersweep.tokenizer;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import steersweep.error.UserError;
import steersweep.model.CacheFolder;
import steersweep.model.ContentHash;

/**
 * The first use of a tokenizer.json, in a process of its own: a file that is made to, or is
 * damaged, can end the process in the tokenizer library, which is native code, or keep it busy
 * without end. That a content has passed is kept in the cache, so that each is tried once.
 */
final class TokenizerTrial {
  /** Tests that open thousands of tokenizers set it to {@code false}. */
  static final String PROPERTY = "steersweep.tokenizer.trial";

  private static final Logger LOG = LoggerFactory.getLogger(TokenizerTrial.class);
  private static final int SECONDS = 60;

  /** KiB of addresses: some ten times what a large vocabulary takes. */
  private static final int MOST_ADDRESSES = 16 << 20;

  /** What the child ends with when the library refused the file in an orderly way. */
  private static final int REFUSED = 10;

  /** To be counted up when more is tried. */
  private static final String VERSION = "1";

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "I am vegan. My favorite food is",
          "  two  spaces\n\n\ttabs and\r\nlines ",
          "naïve café, 日本語のテキスト, кириллица, \uD83D\uDE00\uD83D\uDC68\u200D\uD83D\uDC69",
          "a".repeat(2000),
          "1234567890 ".repeat(200),
          "<s></s><unk><pad>[INST]<|endoftext|>");

  private TokenizerTrial() {}

  /**
   * @param where names the tokenizer in messages
   * @throws UserError when the library does not survive the tokenizer
   */
  static void require(String json, String where) {
    Path note = CacheFolder.ofThisUser().resolve("tokenizers").resolve(name(json));
    if (Boolean.FALSE.toString().equals(System.getProperty(PROPERTY)) || Files.exists(note)) {
      return;
    }
    int code = run(json);
    // a refusal has a message of its own, which comes when the file is opened
    if (code != 0 && code != REFUSED) {
      throw new UserError(
          where,
          "not a usable tokenizer; the tokenizer library "
              + (code < 0
                  ? "does not come to an end in " + SECONDS + " s"
                  : "ends its process with code " + code)
              + " on it, expected one that it can read");
    }
    if (code == 0) {
      keep(note);
    }
  }

  private static String name(String json) {
    ContentHash hash = new ContentHash();
    hash.updateText(VERSION + "\n" + json);
    return hash.digits();
  }

  private static void keep(Path note) {
    try {
      Files.createDirectories(Objects.requireNonNull(note.getParent()));
      Files.writeString(note, "");
    } catch (IOException e) {
      LOG.info("{}: not kept: {}", note, e.toString());
    }
  }

  /** The child's exit code; -1 when it had to be ended. */
  private static int run(String json) {
    try {
      Process child =
          new ProcessBuilder(command())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (OutputStream in = child.getOutputStream()) {
        in.write(json.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        LOG.debug("the trial ended before it had read all", e);
      }
      if (child.waitFor(SECONDS, TimeUnit.SECONDS)) {
        return child.exitValue();
      }
      child.destroyForcibly().waitFor();
      return -1;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "a tokenizer cannot be tried in a process of its own: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted while a tokenizer was tried", e));
    }
  }

  private static List<String> command() {
    List<String> command = new ArrayList<>();
    if (File.separatorChar == '/') {
      String limits = "ulimit -c 0; ulimit -v " + MOST_ADDRESSES + "; exec \"$@\"";
      command.addAll(List.of("/bin/sh", "-c", limits, "trial"));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ErrorFile=/dev/null"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(TokenizerTrial.class.getName());
    return command;
  }

  /** The child: reads a tokenizer.json from standard input, uses it, and ends. */
  public static void main(String[] arguments) throws IOException {
    System.setProperty(PROPERTY, "false");
    String json = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    try (NativeTokenizer tokenizer = NativeTokenizer.open(json, "trial")) {
      for (String text : TEXTS) {
        tokenizer.decode(tokenizer.encode(text));
      }
    } catch (UserError e) {
      System.exit(REFUSED);
    }
  }
}
