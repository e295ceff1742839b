package steersweep.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.DoubleConsumer;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import steersweep.model.Device;
import steersweep.model.GraphNames;
import steersweep.model.HookPoint;
import steersweep.model.ModelManifest;
import steersweep.model.ModelShape;
import steersweep.model.Processor;
import steersweep.result.IoFaults;
import steersweep.result.Json;
import steersweep.result.TextFile;

/**
 * One ONNX Runtime session over one exported graph. Safe to share: runs are done one at a time, on
 * a thread of their own (on a GPU, ONNX Runtime's memory grows when runs come from different
 * threads).
 */
public final class Engine implements AutoCloseable {
  private static final int PASS_TOKENS_ON_CPU = 2560;
  private static final int PASS_TOKENS_ON_GPU = 16384;

  private static final List<String> DECODER =
      List.of(
          GraphNames.INPUT_IDS,
          GraphNames.ATTENTION_MASK,
          GraphNames.SEQUENCE_SHAPE,
          GraphNames.STEERING_ROW);
  private static final List<String> ENCODER =
      List.of(
          GraphNames.ENCODER_INPUT_IDS,
          GraphNames.ENCODER_ATTENTION_MASK,
          GraphNames.ENCODER_SEQUENCE_SHAPE,
          GraphNames.STEERING_ENCODER_ROW);

  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

  private final ModelManifest manifest;
  private final Processor processor;
  private final OrtSession session;
  private final List<DoubleConsumer> listeners = new CopyOnWriteArrayList<>();
  private final FittingBatches batches = new FittingBatches();
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final ExecutorService inference =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "inference");
            thread.setDaemon(true);
            return thread;
          });

  private Engine(ModelManifest manifest, byte[] graph, Processor processor, int threads)
      throws OrtException, IOException {
    this.manifest = manifest;
    this.processor = processor;
    this.session = Sessions.open(graph, manifest.weightsFolder(), processor, threads);
  }

  /** The same on the CPU. */
  public static Engine open(Path exported, int threads) {
    return open(exported, Processor.CPU, threads);
  }

  /**
   * @param exported folder with model.onnx and model.manifest.json
   * @param processor what to run on
   * @param threads threads of one run on the CPU; 0 for one per core
   * @throws EngineException when the runtime refuses the graph, its weights or the processor
   */
  public static Engine open(Path exported, Processor processor, int threads) {
    ModelManifest manifest =
        Json.read(exported.resolve(ModelManifest.MANIFEST_FILE), ModelManifest.class);
    Path graph = exported.resolve(ModelManifest.GRAPH_FILE);
    try {
      return new Engine(manifest, TextFile.bytes(graph), processor, threads);
    } catch (OrtException e) {
      throw new EngineException(graph + ": cannot be opened: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new EngineException(graph + ": cannot be read; " + IoFaults.words(e), e);
    }
  }

  public ModelManifest manifest() {
    return manifest;
  }

  ModelShape shape() {
    return manifest.shape();
  }

  List<HookPoint> hookPoints() {
    return manifest.hookPoints();
  }

  /**
   * Tells of each run of the model when it is done, on the thread that asked for it: how much it
   * was, in tokens that went through the whole model.
   */
  public void listen(DoubleConsumer listener) {
    listeners.add(listener);
  }

  /** Tells it no more. */
  public void forget(DoubleConsumer listener) {
    listeners.remove(listener);
  }

  /** To be asked for all batches, so that none is lost when memory is short. */
  FittingBatches batches() {
    return batches;
  }

  /**
   * How many rows a pass that decodes nothing should have at most: every token of every row is in
   * memory at once, and beyond some thousand of them a CPU's caches no longer hold what one layer
   * hands to the next.
   *
   * @param length tokens of the longest row
   */
  int passRows(int batchSize, int length) {
    int tokens = manifest.device() == Device.CPU ? PASS_TOKENS_ON_CPU : PASS_TOKENS_ON_GPU;
    return Math.max(1, Math.min(batchSize, tokens / Math.max(1, length)));
  }

  /** Runs a batch and copies the named outputs out. */
  BatchResult run(Batch batch, Set<String> outputs) {
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      BatchResult result = run(batch, outputs, options);
      listeners.forEach(listener -> listener.accept(batch.work(shape().nLayers())));
      return result;
    } catch (BatchTooLarge e) {
      handBackMemory();
      throw e;
    } catch (OrtException e) {
      throw new EngineException("the model could not be run: " + e.getMessage(), e);
    }
  }

  private BatchResult run(Batch batch, Set<String> outputs, OrtSession.RunOptions options) {
    return onInferenceThread(
        () -> {
          Map<String, OnnxTensor> inputs = new HashMap<>();
          try {
            fill(inputs, batch);
            try (OrtSession.Result result = session.run(inputs, outputs, options)) {
              return BatchResult.of(result);
            }
          } finally {
            inputs.values().forEach(OnnxTensor::close);
          }
        });
  }

  /**
   * The runtime keeps what a failed run had taken, to the last byte there was. It gives back what
   * is not in use after a run that asks for it: the smallest one.
   */
  private void handBackMemory() {
    Batch smallest = new Batch(Bank.empty(shape(), hookPoints()));
    smallest.add(new int[] {0});
    String arena = (processor.device() == Device.CPU ? "cpu:" : "gpu:") + processor.number();
    try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
      options.addRunConfigEntry("memory.enable_memory_arena_shrinkage", arena);
      run(smallest, Set.of(GraphNames.TOKENS), options);
    } catch (OrtException | EngineException e) {
      LOG.debug("memory could not be handed back", e);
    }
  }

  private <T> T onInferenceThread(Callable<T> work) {
    try {
      return inference.submit(work).get();
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      if (BatchTooLarge.is(cause)) {
        throw new BatchTooLarge(cause);
      }
      throw new EngineException("the model could not be run: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted while the model was running", e);
    }
  }

  private void fill(Map<String, OnnxTensor> inputs, Batch batch) throws OrtException {
    int size = batch.size();
    long[] decodeRows = batch.rows().stream().mapToLong(Batch.Row::decodeRow).toArray();
    fillTokens(inputs, batch, false, DECODER);
    if (shape().hasEncoder()) {
      fillTokens(inputs, batch, true, ENCODER);
    }
    inputs.put(GraphNames.STEERING_DECODE_ROW, longs(decodeRows, size, 1));
    inputs.put(GraphNames.DECODE_STEPS, longs(new long[] {batch.decodeSteps()}));
    inputs.put(GraphNames.STOP_TOKENS, longs(batch.stopTokens(), batch.stopTokens().length));
    fillLayers(inputs, batch);
    fillContexts(inputs, batch);
    fillSteering(inputs, batch);
    fillScoring(inputs, batch);
  }

  /**
   * Tokens of each row, padded on the left.
   *
   * @param atSource those that an encoder reads instead of the others
   * @param names of tokens, mask, shape and bank rows
   */
  private void fillTokens(
      Map<String, OnnxTensor> inputs, Batch batch, boolean atSource, List<String> names)
      throws OrtException {
    int size = batch.size();
    int length = atSource ? batch.sourceLength() : batch.length();
    long[] tokens = new long[size * length];
    long[] mask = new long[size * length];
    long[] bankRows = new long[size * length];
    Arrays.fill(bankRows, batch.bank().zeroRow());
    for (int row = 0; row < size; row++) {
      Batch.Row content = batch.rows().get(row);
      int source = batch.source(row);
      int from = atSource ? 0 : source;
      int to = atSource ? source : content.tokens().length;
      int start = (row + 1) * length - to;
      for (int i = from; i < to; i++) {
        tokens[start + i] = content.tokens()[i];
        mask[start + i] = 1;
        bankRows[start + i] = content.bankRows()[i];
      }
    }
    inputs.put(names.get(0), longs(tokens, size, length));
    inputs.put(names.get(1), longs(mask, size, length));
    inputs.put(names.get(2), longs(new long[] {size, length, -1}, 3));
    inputs.put(names.get(3), longs(bankRows, size, length));
  }

  /** Which layers are run, and on what. */
  private void fillLayers(Map<String, OnnxTensor> inputs, Batch batch) throws OrtException {
    for (int layer = 0; layer < shape().nLayers(); layer++) {
      inputs.put(
          GraphNames.runLayer(layer), OnnxTensor.createTensor(environment, batch.runs(layer)));
    }
    int width = shape().dModel();
    boolean known = !batch.starts().isEmpty();
    int starts = known ? batch.starts().size() : 1;
    int positions = known ? batch.length() : 1;
    FloatBuffer residuals = direct(starts * positions * width);
    for (int start = 0; start < batch.starts().size(); start++) {
      float[] residual = batch.starts().get(start);
      residuals.put((start + 1) * positions * width - residual.length, residual);
    }
    inputs.put(GraphNames.START_RESIDUAL, floats(residuals, starts, positions, width));
    inputs.put(GraphNames.START_ROW, longs(batch.startRows(), batch.size()));
  }

  private void fillContexts(Map<String, OnnxTensor> inputs, Batch batch) throws OrtException {
    List<Context> contexts = batch.contexts();
    int number = Math.max(1, contexts.size());
    int longest = contexts.stream().mapToInt(Context::length).max().orElse(0);
    long[] lengths = new long[number];
    long[] mask = new long[number * longest];
    for (int i = 0; i < contexts.size(); i++) {
      lengths[i] = contexts.get(i).length();
      Arrays.fill(mask, (i + 1) * longest - contexts.get(i).length(), (i + 1) * longest, 1);
    }
    inputs.put(GraphNames.CONTEXT_LENGTH, longs(lengths, number));
    inputs.put(GraphNames.CONTEXT_MASK, longs(mask, number, longest));
    inputs.put(GraphNames.CONTEXT_ROW, longs(batch.contextRows(), batch.size()));
    for (int layer = 0; layer < shape().nLayers(); layer++) {
      int of = layer;
      List<float[]> keys = contexts.stream().map(context -> context.keys()[of]).toList();
      List<float[]> values = contexts.stream().map(context -> context.values()[of]).toList();
      inputs.put(GraphNames.contextKey(layer), cache(keys, number, longest));
      inputs.put(GraphNames.contextValue(layer), cache(values, number, longest));
    }
  }

  /** [contexts, n_kv_heads, context, d_head], padded on the left. */
  private OnnxTensor cache(List<float[]> contexts, int number, int longest) throws OrtException {
    int heads = shape().nKvHeads();
    int width = shape().dHead();
    FloatBuffer all = direct(number * heads * longest * width);
    for (int i = 0; i < contexts.size(); i++) {
      float[] context = contexts.get(i);
      int ofHead = context.length / heads;
      for (int head = 0; head < heads; head++) {
        int end = (i * heads + head + 1) * longest * width;
        all.put(end - ofHead, context, head * ofHead, ofHead);
      }
    }
    return floats(all, number, heads, longest, width);
  }

  private void fillSteering(Map<String, OnnxTensor> inputs, Batch batch) throws OrtException {
    for (HookPoint hookPoint : hookPoints()) {
      inputs.put(hookPoint.scaleInput(), scales(hookPoint, batch));
      long[] bankShape = {batch.bank().rows(), hookPoint.width(shape())};
      for (int layer = 0; layer < hookPoint.layers(shape()); layer++) {
        FloatBuffer values = batch.bank().values(hookPoint, layer);
        inputs.put(hookPoint.bank(layer), OnnxTensor.createTensor(environment, values, bankShape));
      }
    }
  }

  /**
   * [batch, n_layers, heads]: each row's scale at its own layer and head, or at all heads of its
   * layer; 0 elsewhere.
   */
  private OnnxTensor scales(HookPoint hookPoint, Batch batch) throws OrtException {
    int heads = hookPoint.heads(shape());
    int layers = hookPoint.layers(shape());
    float[] scales = new float[batch.size() * layers * heads];
    for (int row = 0; row < batch.size(); row++) {
      Batch.Row content = batch.rows().get(row);
      if (content.site() != null && content.site().hookPoint() == hookPoint) {
        int first = (row * layers + content.site().layer()) * heads;
        if (content.site().allHeads()) {
          Arrays.fill(scales, first, first + heads, (float) content.scale());
        } else {
          scales[first + content.site().head()] = (float) content.scale();
        }
      }
    }
    return floats(FloatBuffer.wrap(scales), batch.size(), layers, heads);
  }

  private void fillScoring(Map<String, OnnxTensor> inputs, Batch batch) throws OrtException {
    int rows = batch.size();
    int places = Math.max(1, batch.places());
    inputs.put(GraphNames.SCORE_PLACES, longs(new long[] {batch.places()}));
    inputs.put(GraphNames.SCORE_POSITION, longs(batch.scoredPlaces(), places, rows));
    long[] targets = batch.scoredTargets();
    inputs.put(GraphNames.SCORE_TARGET, longs(targets, places, targets.length / places));
    fillComparison(inputs, batch.comparison(), rows, places);
    inputs.put(GraphNames.SCORE_COMPARE, OnnxTensor.createTensor(environment, batch.compares()));
    inputs.put(
        GraphNames.SCORE_DISTRIBUTIONS,
        OnnxTensor.createTensor(environment, batch.distributions()));
  }

  private void fillComparison(
      Map<String, OnnxTensor> inputs, Comparison comparison, int rows, int places)
      throws OrtException {
    int references = Math.max(1, comparison.references().size());
    int width = shape().dModel();
    FloatBuffer residuals = direct(places * references * width);
    for (int i = 0; i < comparison.references().size(); i++) {
      float[] last = comparison.references().get(i).last();
      for (int place = 0; place < places; place++) {
        int from = Math.min((place + 1) * width, last.length) - width; // the last one again
        residuals.put((place * references + i) * width, last, from, width);
      }
    }
    inputs.put(GraphNames.SCORE_REFERENCE, floats(residuals, places, references, width));
    long[] referenceRows = LongStream.range(rows, rows + references).toArray();
    inputs.put(GraphNames.SCORE_REFERENCE_ROW, longs(referenceRows, references));
    inputs.put(GraphNames.SCORE_BASE, some(comparison.bases()));
    inputs.put(GraphNames.SCORE_ROW_BASE, some(comparison.rowBases()));
    inputs.put(GraphNames.SCORE_AXIS_BASE, some(comparison.axisBases()));
    int axes = Math.max(1, comparison.axes());
    FloatBuffer plus = direct(axes * references).put(comparison.plus()).rewind();
    FloatBuffer minus = direct(axes * references).put(comparison.minus()).rewind();
    inputs.put(GraphNames.SCORE_AXIS_PLUS, floats(plus, axes, references));
    inputs.put(GraphNames.SCORE_AXIS_MINUS, floats(minus, axes, references));
  }

  /** One at least: a tensor of none is no use to some kernels. */
  private OnnxTensor some(long[] values) throws OrtException {
    return values.length == 0 ? longs(new long[1], 1) : longs(values, values.length);
  }

  /** Zeros outside of Java's heap, which the runtime uses where they are. */
  private static FloatBuffer direct(int size) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(size, Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private OnnxTensor longs(long[] values, long... shape) throws OrtException {
    return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
  }

  private OnnxTensor floats(FloatBuffer values, long... shape) throws OrtException {
    return OnnxTensor.createTensor(environment, values, shape);
  }

  @Override
  public void close() {
    inference.shutdown();
    try {
      session.close();
    } catch (OrtException e) {
      throw new EngineException("the session could not be closed: " + e.getMessage(), e);
    }
  }
}
