package steersweep.engine;

import ai.onnxruntime.OnnxTensor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;

/** From cells to the tensors that go into the graph, without running it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BatchBenchmark {
  private static final int POSITIONS = 8;

  @Param("")
  String graph = "";

  @Param({"64", "256"})
  int rows;

  private Engine engine;
  private Activations steering;
  private Batch filled;
  private MethodHandle fill;

  @Setup
  public void open() throws ReflectiveOperationException {
    engine = Engine.open(Path.of(graph), 1);
    ModelShape shape = engine.shape();
    Map<HookPoint, float[][]> values = new EnumMap<>(HookPoint.class);
    for (HookPoint hookPoint : engine.hookPoints()) {
      values.put(hookPoint, new float[shape.nLayers()][POSITIONS * hookPoint.width(shape)]);
    }
    steering = Activations.of(POSITIONS, values);
    filled = batch();
    fill =
        MethodHandles.privateLookupIn(Engine.class, MethodHandles.lookup())
            .findVirtual(
                Engine.class, "fill", MethodType.methodType(void.class, Map.class, Batch.class));
  }

  @TearDown(Level.Trial)
  public void close() {
    engine.close();
  }

  private Batch batch() {
    ModelShape shape = engine.shape();
    Bank bank = Bank.of(shape, engine.hookPoints(), List.of(steering));
    Batch batch = new Batch(bank);
    int[] tokens = IntStream.range(1, POSITIONS + 1).toArray();
    for (int i = 0; i < rows; i++) {
      Site site = new Site(HookPoint.VALUE, i % shape.nLayers(), Site.ALL_HEADS);
      int[] bankRows = bank.promptRows(0, PositionRule.LW2023, POSITIONS);
      int decodeRow = bank.decodeRow(0, PositionRule.LW2023);
      int row = batch.add(new Batch.Row(tokens, site, 2.0, bankRows, decodeRow));
      batch.score(row, POSITIONS - 1, 0);
    }
    batch.generate(30, List.of());
    return batch;
  }

  /** Choice of bank rows, and the bank itself. */
  @Benchmark
  public Object assembleBatch() {
    return batch();
  }

  /** Arrays of a batch, copied into the runtime's tensors. */
  @Benchmark
  public Object fillTensors() throws Throwable {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    fill.invoke(engine, inputs, filled);
    inputs.values().forEach(OnnxTensor::close);
    return inputs;
  }
}
