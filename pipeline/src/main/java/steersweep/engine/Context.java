package steersweep.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import steersweep.model.GraphNames;
import steersweep.model.ModelShape;

/**
 * The beginning that texts share, read once: what later tokens attend to.
 *
 * @param length tokens
 * @param keys by layer, [n_kv_heads * length * d_head]
 * @param values by layer, the same
 */
record Context(int length, float[][] keys, float[][] values) {
  /** Most bytes that are kept at once, and that one run of the graph hands over. */
  static final long MOST_BYTES = 1L << 28;

  /** What a context of some length takes. */
  static long bytes(ModelShape shape, int length) {
    return 2L * Float.BYTES * shape.nLayers() * shape.nKvHeads() * shape.dHead() * length;
  }

  /**
   * Reads beginnings with the unsteered model.
   *
   * @param beginnings of one token at least; together no more than {@link #MOST_BYTES}
   * @return in the order given
   */
  static List<Context> read(Engine engine, List<int[]> beginnings, int batchSize) {
    int longest = beginnings.stream().mapToInt(tokens -> tokens.length).max().orElse(1);
    int most = engine.passRows(batchSize, longest);
    List<Context> read = new ArrayList<>();
    for (int from = 0; from < beginnings.size(); from += most) {
      List<int[]> some = beginnings.subList(from, Math.min(from + most, beginnings.size()));
      engine.batches().run(some, part -> read.addAll(read(engine, part)));
    }
    return read;
  }

  private static List<Context> read(Engine engine, List<int[]> beginnings) {
    Batch batch = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
    beginnings.forEach(batch::add);
    ModelShape shape = engine.shape();
    Set<String> outputs = new HashSet<>();
    for (int layer = 0; layer < shape.nLayers(); layer++) {
      outputs.add(GraphNames.cachedKey(layer));
      outputs.add(GraphNames.cachedValue(layer));
    }
    BatchResult result = engine.run(batch, outputs);
    List<Context> contexts = new ArrayList<>();
    for (int row = 0; row < beginnings.size(); row++) {
      int length = beginnings.get(row).length;
      float[][] keys = new float[shape.nLayers()][];
      float[][] values = new float[shape.nLayers()][];
      for (int layer = 0; layer < shape.nLayers(); layer++) {
        keys[layer] = ofRow(result.get(GraphNames.cachedKey(layer)), row, length, batch, shape);
        values[layer] = ofRow(result.get(GraphNames.cachedValue(layer)), row, length, batch, shape);
      }
      contexts.add(new Context(length, keys, values));
    }
    return contexts;
  }

  /** A row's share of [batch, n_kv_heads, seq, d_head], the padding before it left out. */
  private static float[] ofRow(float[] cache, int row, int length, Batch batch, ModelShape shape) {
    int own = length * shape.dHead();
    int ofHead = batch.length() * shape.dHead();
    float[] kept = new float[shape.nKvHeads() * own];
    for (int head = 0; head < shape.nKvHeads(); head++) {
      int end = (row * shape.nKvHeads() + head + 1) * ofHead;
      System.arraycopy(cache, end - own, kept, head * own, own);
    }
    return kept;
  }

  /** All but the last token, which is read with each text: its output says what comes first. */
  static int[] beginning(int[] prompt) {
    return Arrays.copyOf(prompt, prompt.length - 1);
  }
}
