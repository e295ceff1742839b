package steersweep.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
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

  /** A larger batch must be faster than this allows: less may be chance, and costs memory. */
  private static final double NEARLY = 0.95;

  /** Of each measurement; the fastest counts. */
  private static final int REPEATS = 3;

  /** Tokens generated in a measurement. */
  private static final int STEPS = 4;

  /** Where measuring does not pay. */
  private static final int USUAL = 64;

  /** Of a sweep's tokens, the part that measuring may take; a sweep reads each more than once. */
  private static final double PART_TO_MEASURE = 0.03;

  private BatchSize() {}

  /**
   * Times a few steps of batches that double in size, as far as the memory formula allows, and
   * takes the smallest that is nearly as fast by the row as the fastest. No more is measured than a
   * small part of the work that follows.
   *
   * @param cells how many there are to run
   * @param promptTokens tokens of a usual prompt
   * @param newTokens tokens to generate for each
   */
  public static int choose(Engine engine, long cells, int promptTokens, int newTokens) {
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
    int tokens = promptTokens + newTokens;
    double left = PART_TO_MEASURE * cells * tokens;
    SortedMap<Integer, Double> rates = new TreeMap<>();
    int usual = size;
    try {
      for (int rows = size;
          rows <= most && bytes(engine.shape(), rows, tokens) <= memory;
          rows *= 2) {
        if (rows <= USUAL) {
          usual = rows;
        }
        left -= (double) rows * REPEATS * (promptTokens + STEPS);
        if (left >= 0) {
          rates.put(rows, rows / fastest(engine, rows, promptTokens));
        }
      }
    } catch (BatchTooLarge e) {
      LOG.info("batches larger than {} rows do not fit into memory", rates.keySet());
    }
    return rates.size() < 2 ? usual : worthIt(rates, usual);
  }

  /** The smallest that is nearly as fast by the row as the fastest. */
  static int worthIt(SortedMap<Integer, Double> rates, int otherwise) {
    double best = rates.values().stream().mapToDouble(rate -> rate).max().orElse(0);
    return rates.entrySet().stream()
        .filter(rate -> rate.getValue() >= NEARLY * best)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(otherwise);
  }

  /**
   * What rows need besides the weights, about: keys and values of every layer, twice since a step
   * copies them; the widest activations of a prompt; the distribution over all words, several times
   * over. In float32.
   *
   * @param tokens of each row, prompt and continuation
   */
  public static long bytes(ModelShape shape, int rows, int tokens) {
    long cache =
        2L
            * 2
            * (shape.nLayers() + shape.nEncoderLayers())
            * shape.nKvHeads()
            * shape.dHead()
            * tokens;
    long activations = (4L * shape.dModel() + 3L * shape.dMlp()) * tokens;
    long words = 4L * shape.nVocab();
    return Float.BYTES * rows * (cache + activations + words);
  }

  private static double fastest(Engine engine, int rows, int promptTokens) {
    double seconds = Double.POSITIVE_INFINITY;
    for (int i = 0; i < REPEATS; i++) {
      seconds = Math.min(seconds, seconds(engine, rows, promptTokens));
    }
    return seconds;
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
