package steersweep.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import steersweep.architecture.StoredWeights;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.ModelConfig;
import steersweep.checkpoint.SafetensorsFile;
import steersweep.cli.FuzzFiles;
import steersweep.cli.GoldenCheckpoint;
import steersweep.engine.PromptTokenizer;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.gguf.GgufFile;
import steersweep.plan.CellGrid;
import steersweep.plan.PlanReader;
import steersweep.published.CsvImport;
import steersweep.report.Reports;
import steersweep.result.ParquetFiles;
import steersweep.result.RunFolder;

/**
 * Every reader of files that others may have made, fed with spoiled ones: each is read, or refused
 * with a message that names the file; none takes long, and none takes memory out of proportion.
 *
 * <p>{@code make fuzz} tries 10,000 inputs for each reader, {@code -Dsteersweep.fuzz.inputs} any
 * number. What fails is kept in {@code target/fuzz}.
 */
@Timeout(1200) // a hang: the input is in target/fuzz
class FuzzTest {
  private static final int INPUTS = Integer.getInteger("steersweep.fuzz.inputs", 150);
  static final long SEED = Long.getLong("steersweep.fuzz.seed", 20260101);

  /** For one input of at most 256 KiB. */
  private static final long MOST_ALLOCATED = 192L << 20;

  private static final long MOST_NANOS = 20_000_000_000L;

  @TempDir static Path shared;
  private static FuzzFiles good;

  @TempDir Path folder;

  interface Reader {
    void read(Path file) throws IOException;
  }

  /** In this process: a spoiled file that would end it is to end the test. */
  @AfterAll
  static void tryTokenizersApartAgain() {
    System.clearProperty("steersweep.tokenizer.trial");
  }

  @BeforeAll
  static void makeGoodFiles() throws IOException {
    System.setProperty("steersweep.tokenizer.trial", "false");
    good = FuzzFiles.make(shared);
  }

  @Test
  void safetensorsHeaders() throws IOException {
    byte[] file = Files.readAllBytes(good.model().resolve("model.safetensors"));
    int header = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    byte[] json = new byte[header];
    System.arraycopy(file, Long.BYTES, json, 0, header);

    // with the right length before the spoiled header, and with whatever the spoiling made of it
    Mutations headers = new Mutations(SEED, json);
    Mutations files = new Mutations(SEED, file);
    fuzz(
        "model.safetensors",
        number ->
            number % 2 == 0 ? files.input(number) : SafetensorsBytes.of(headers.input(number)),
        path -> {
          Faults faults = new Faults();
          SafetensorsFile.read(path, faults);
          faults.throwIfAny();
        });
  }

  @Test
  void indexesOfShards() throws IOException {
    Path model = copyOfModel();
    Files.move(model.resolve("model.safetensors"), model.resolve("a.safetensors"));
    String index =
        Checkpoint.open(good.model()).tensors().keySet().stream()
            .sorted()
            .map(tensor -> "\"" + tensor + "\": \"a.safetensors\"")
            .collect(Collectors.joining(", ", "{\"weight_map\": {", "}}"));
    fuzz(
        model.resolve("model.safetensors.index.json"),
        new Mutations(SEED, bytes(index))::input,
        path -> Checkpoint.open(model));
  }

  @Test
  void configs() throws IOException {
    Path model = copyOfModel();
    fuzz(
        model.resolve("config.json"),
        new Mutations(
                SEED,
                Files.readAllBytes(model.resolve("config.json")),
                bytes(
                    "{\"model_type\": \"qwen3\", \"hidden_size\": 64, \"num_attention_heads\": 4,"
                        + " \"num_hidden_layers\": 2, \"layer_types\": [\"full_attention\"],"
                        + " \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8.0,"
                        + " \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0,"
                        + " \"original_max_position_embeddings\": 8192}, \"eos_token_id\": [1, 2]}"))
            ::input,
        path -> {
          ModelConfig config = ModelConfig.read(model);
          CellGrid grid = CellGrid.of(PlanReader.read(good.plan()), config.shape(), "plan");
          grid.cell(grid.size() - 1);
          grid.units(CellGrid.unitCells(PlanReader.read(good.plan()), config.shape()));
        });
  }

  @Test
  void tokenizers() throws IOException {
    Path model = copyOfModel();
    fuzz(
        model.resolve("tokenizer.json"),
        new Mutations(SEED, Files.readAllBytes(model.resolve("tokenizer.json")))::input,
        path -> tokenize(model));
  }

  @Test
  void tokenizerConfigs() throws IOException {
    Path model = good.sentencePieceModel(folder.resolve("pieces"));
    fuzz(
        model.resolve("tokenizer_config.json"),
        new Mutations(SEED, Files.readAllBytes(model.resolve("tokenizer_config.json")))::input,
        path -> tokenize(model));
  }

  @Test
  void sentencePieceFiles() throws IOException {
    Path model = good.sentencePieceModel(folder.resolve("pieces"));
    fuzz(
        model.resolve("tokenizer.model"),
        new Mutations(SEED, Files.readAllBytes(model.resolve("tokenizer.model")))::input,
        path -> tokenize(model));
  }

  /** Metadata and tensor table; the file behind them is as long as it was. */
  @Test
  void ggufHeads() throws IOException {
    byte[] whole = Files.readAllBytes(GoldenCheckpoint.of("gguf-qwen2"));
    int head = (int) GgufFile.read(GoldenCheckpoint.of("gguf-qwen2")).dataStart();
    Mutations heads = new Mutations(SEED, Arrays.copyOf(whole, head));
    fuzz(
        "x.gguf",
        number -> {
          byte[] spoiled = heads.input(number);
          return Arrays.copyOf(spoiled, spoiled.length + whole.length - head);
        },
        path -> StoredWeights.of(Checkpoint.open(path)));
  }

  @Test
  void ggufTokenizers() throws IOException {
    byte[] words = Files.readAllBytes(Path.of("../pipeline/src/test/resources/gguf/qwen2.gguf"));
    byte[] pieces = Files.readAllBytes(Path.of("../pipeline/src/test/resources/gguf/llama.gguf"));
    fuzz("x.gguf", new Mutations(SEED, words, pieces)::input, FuzzTest::tokenize);
  }

  @Test
  void plans() throws IOException {
    ModelConfig config = ModelConfig.read(good.model());
    fuzz(
        "plan.yaml",
        new Mutations(
                SEED,
                Files.readAllBytes(good.plan()),
                bytes(
                    """
                    a: &a [x, x, x, x, x, x, x, x, x]
                    b: &b [*a, *a, *a, *a, *a, *a, *a, *a]
                    c: &c [*b, *b, *b, *b, *b, *b, *b, *b]
                    <<: *c
                    """))
            ::input,
        path -> CellGrid.of(PlanReader.read(path), config.shape(), path.toString()));
  }

  @Test
  void publishedCsv() throws IOException {
    String csv =
        """
        multiplier,layer,type,text
        0,0,attn,I ate peas
        -2.5,11,activations,"I ate ""no"" \\"peas\\",
        and beans"
        1,1,attn,I ate =1+1
        """;
    Path run = folder.resolve("run");
    fuzz(
        "published.csv",
        new Mutations(SEED, bytes(csv))::input,
        path -> {
          try {
            new CsvImport(path, "I ate", "I am vegan.", List.of("peas"), null, run).write();
          } finally {
            FuzzFiles.delete(run);
          }
        });
  }

  @Test
  void runManifests() throws IOException {
    RunFolder run = good.copyOfRun(folder.resolve("run"));
    fuzz(
        run.manifestFile(),
        new Mutations(SEED, Files.readAllBytes(run.manifestFile()))::input,
        path -> {
          run.manifest().plan().promptPairs();
          run.manifest().layers();
        });
  }

  @Test
  void parquetFiles() throws IOException {
    RunFolder run = good.run();
    List<byte[]> files = new ArrayList<>();
    for (Path folderOfFiles : List.of(run.completions(), run.scores())) {
      try (var list = Files.list(folderOfFiles)) {
        files.add(Files.readAllBytes(list.findFirst().orElseThrow()));
      }
    }
    fuzz(
        "unit-000000.parquet",
        new Mutations(SEED, files.toArray(byte[][]::new))::input,
        path -> ParquetFiles.read(path, row -> assertThat(row.toString()).isNotEmpty()));
  }

  /**
   * Whole rows with wrong contents: what a damaged file that can still be read does to a report.
   */
  @Test
  void reportsOfSpoiledManifests() throws IOException {
    RunFolder run = good.copyOfRun(folder.resolve("run"));
    Mutations mutations = new Mutations(SEED, Files.readAllBytes(run.manifestFile()));
    fuzz(
        run.manifestFile(),
        mutations::input,
        Math.min(INPUTS, 100), // a report takes a second
        path -> Reports.write(run));
  }

  private static void tokenize(Path model) {
    try (PromptTokenizer tokenizer = PromptTokenizer.open(model)) {
      int[] ids = tokenizer.encode("I ate 10 peas.");
      tokenizer.decodeContinuation(ids, List.of(1, 5));
    }
  }

  private Path copyOfModel() throws IOException {
    return FuzzFiles.copy(good.model(), folder.resolve("model"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  interface Inputs {
    byte[] input(int number);
  }

  private void fuzz(String name, Inputs inputs, Reader reader) throws IOException {
    fuzz(folder.resolve(name), inputs, reader);
  }

  static void fuzz(Path file, Inputs inputs, Reader reader) throws IOException {
    fuzz(file, inputs, INPUTS, reader);
  }

  private static void fuzz(Path file, Inputs inputs, int count, Reader reader) throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    TreeMap<String, Integer> failures = new TreeMap<>();
    int refused = 0;
    for (int number = 0; number < count; number++) {
      byte[] input = inputs.input(number);
      Files.write(file, input);
      long nanos = System.nanoTime();
      long allocated = threads.getCurrentThreadAllocatedBytes();
      String failure = "";
      try {
        reader.read(file);
      } catch (UserError e) {
        refused++;
        failure = e.getMessage().isBlank() ? "no message" : "";
      } catch (UncheckedIOException e) {
        refused++;
        failure = e.getMessage().contains(file.getParent().toString()) ? "" : "no file: " + e;
      } catch (Exception | Error e) {
        failure = place(e);
      }
      nanos = System.nanoTime() - nanos;
      allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
      if (nanos > MOST_NANOS) {
        failure += " took " + nanos / 1_000_000_000 + " s";
      }
      if (allocated > MOST_ALLOCATED) {
        failure += " took more memory than " + MOST_ALLOCATED;
      }
      if (!failure.isEmpty() && failures.merge(failure, 1, Integer::sum) == 1) {
        keep(file, number, input);
      }
    }
    System.out.printf("fuzz %s: %d inputs, %d refused%n", file.getFileName(), count, refused);
    if (!failures.isEmpty()) {
      fail(file.getFileName() + ": inputs that failed, seed " + SEED + ": " + failures);
    }
    assertThat(refused).as("inputs that were spoiled too much").isBetween(1, count - 1);
  }

  private static String place(Throwable e) {
    StackTraceElement[] trace = e.getStackTrace();
    for (StackTraceElement element : trace) {
      if (element.getClassName().startsWith("steersweep.")) {
        return e.getClass().getName() + " at " + element;
      }
    }
    return e.toString();
  }

  private static void keep(Path file, int number, byte[] input) throws IOException {
    Path kept = Files.createDirectories(Path.of("target", "fuzz"));
    Files.write(kept.resolve(number + "-" + file.getFileName()), input);
  }
}
