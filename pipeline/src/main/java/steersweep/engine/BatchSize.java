package steersweep.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import steersweep.model.Device;
import steersweep.model.ModelShape;

/** How many cells share a run of the model: as many as pay, of those that fit. */
public final class BatchSize {
  private static final Logger LOG = LoggerFactory.getLogger(BatchSize.class);

  private static final int LEAST = 32;
  private static final int MOST_ON_CPU = 256;
  private static final int MOST_ON_GPU = 1024;

  /** Twice the rows must be this much faster by the row: less may be chance, and costs memory. */
  private static final double WORTH_DOUBLING = 1.05;

  /** Tokens generated in a measurement. */
  private static final int STEPS = 4;

  /** A measurement that took longer is the last one. */
  private static final double LONG_SECONDS = 1;

  private BatchSize() {}

  /**
   * Doubles the batch while that is faster by the row and the memory formula allows it. Takes a
   * second or two at most, unless the model is so large that its smallest batch takes longer.
   *
   * @param promptTokens tokens of a usual prompt
   * @param newTokens tokens to generate for each
   */
  public static int choose(Engine engine, int promptTokens, int newTokens) {
    boolean cpu = engine.manifest().device() == Device.CPU;
    long memory = cpu ? freeMemory() / 2 : Long.MAX_VALUE;
    int most = cpu ? MOST_ON_CPU : MOST_ON_GPU;
    int size = 1;
    while (size < LEAST && bytes(engine.shape(), 2 * size, promptTokens + newTokens) <= memory) {
      size *= 2;
    }
    if (size < LEAST) {
      return size;
    }
    double rate = 0;
    try {
      seconds(engine, size, promptTokens); // warm-up: the first run allocates
      for (int next = size; next <= most; next *= 2) {
        if (bytes(engine.shape(), next, promptTokens + newTokens) > memory) {
          break;
        }
        double seconds =
            Math.min(seconds(engine, next, promptTokens), seconds(engine, next, promptTokens));
        LOG.debug("{} rows at once: {} rows a second", next, next / seconds);
        if (next / seconds < rate * WORTH_DOUBLING) {
          break;
        }
        rate = next / seconds;
        size = next;
        if (seconds > LONG_SECONDS) {
          break;
        }
      }
    } catch (BatchTooLarge e) {
      LOG.info("more than {} rows at once do not fit into memory", size);
    }
    return size;
  }

  /**
   * What rows need besides the weights, about: keys and values of every layer, twice since a step
   * copies them; the widest activations of a prompt; the distribution over all words, several times
   * over. In float32.
   *
   * @param tokens of each row, prompt and continuation
   */
  public static long bytes(ModelShape shape, int rows, int tokens) {
    long cache = 2L * 2 * shape.nLayers() * shape.nKvHeads() * shape.dHead() * tokens;
    long activations = (4L * shape.dModel() + 3L * shape.dMlp()) * tokens;
    long words = 4L * shape.nVocab();
    return Float.BYTES * rows * (cache + activations + words);
  }

  private static double seconds(Engine engine, int rows, int promptTokens) {
    int[] prompt = new int[promptTokens]; // any token will do
    List<int[]> prompts = Collections.nCopies(rows, prompt);
    long start = System.nanoTime();
    Decode.unsteered(engine, prompts, STEPS, List.of());
    return (System.nanoTime() - start) / 1e9;
  }

  /** Bytes that can be had without swapping; half of the machine's where that is not known. */
  private static long freeMemory() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
      return lines
          .filter(line -> line.startsWith("MemAvailable:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElseThrow(() -> new IOException("no MemAvailable"));
    } catch (IOException e) {
      return Runtime.getRuntime().maxMemory() * 2; // a quarter of the machine's, unless set
    }
  }
}
