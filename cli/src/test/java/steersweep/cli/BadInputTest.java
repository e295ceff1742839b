package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees who gives {@code sweep} something wrong, and that it leaves nothing behind. */
class BadInputTest {
  private static final String PLAN =
      """
      concepts:
        - name: vegan
          base_prompts: I ate
          steering_prompts: I am vegan.
      grid:
        hook_points: value
        layers: all
        settings: [5]
      """;

  @TempDir Path folder;
  private Path model;
  private Path plan;

  @BeforeEach
  void writeGoodInput() throws IOException {
    model = TestCheckpoint.write(folder.resolve("model"));
    plan = Files.writeString(folder.resolve("plan.yaml"), PLAN);
  }

  @Test
  void missingModelFolder() throws IOException {
    deleteAll(model);

    assertFaults(
        "TMP/model: no such folder; expected a checkpoint folder with config.json, *.safetensors"
            + " and tokenizer.json, or a .gguf file");
  }

  @Test
  void missingConfig() throws IOException {
    Files.delete(model.resolve("config.json"));

    assertFaults("TMP/model/config.json: missing; is this a checkpoint folder?");
  }

  @Test
  void damagedConfig() throws IOException {
    Files.writeString(model.resolve("config.json"), "{\"model_type\": \"llama\", ");

    assertFaults(
        "TMP/model/config.json: damaged; not JSON: Unexpected end-of-input within/between Object"
            + " entries");
  }

  @Test
  void unknownArchitecture() throws IOException {
    editConfig("model_type", "bloom");

    assertFaults(
        "TMP/model/config.json: model_type: not supported; got \"bloom\", (choices: llama,"
            + " mistral, qwen2, qwen3, gpt2, gpt_neox, t5)");
  }

  @Test
  void missingWeights() throws IOException {
    Files.delete(model.resolve("model.safetensors"));

    assertFaults(
        "TMP/model/model.safetensors: missing; expected the weights in model.safetensors or in the"
            + " files named by model.safetensors.index.json");
  }

  @Test
  void weightsCutOffInTheLastTensor() throws IOException {
    cutWeights(1000);

    assertFaults(
        "TMP/model/model.safetensors: cut off; lm_head.weight lies at bytes 32256..48832 of the"
            + " data, the file has 47832");
  }

  @Test
  void weightsCutOffInTheHeader() throws IOException {
    Path weights = model.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(whole, 100));

    assertFaults(
        "TMP/model/model.safetensors: damaged or cut off; its header claims "
            + headerBytes(whole)
            + " bytes, the whole file has 100");
  }

  @Test
  void weightsOfAnotherConfig() throws IOException {
    editConfig("intermediate_size", "25");

    assertFaults(
        "TMP/model: tensor model.layers.{0-1}.mlp.gate_proj.weight: got shape [24, 16], expected [25,"
            + " 16]",
        "TMP/model: tensor model.layers.{0-1}.mlp.up_proj.weight: got shape [24, 16], expected [25,"
            + " 16]",
        "TMP/model: tensor model.layers.{0-1}.mlp.down_proj.weight: got shape [16, 24], expected [16,"
            + " 25]");
  }

  @Test
  void missingTokenizer() throws IOException {
    Files.delete(model.resolve("tokenizer.json"));

    assertFaults(
        "TMP/model: no tokenizer; expected tokenizer.json, or Llama's tokenizer.model; copy it from"
            + " the model that this one was made from, or where there is a vocab.json, write"
            + " tokenizer.json with: pip install 'transformers<5' sentencepiece protobuf && python3"
            + " -c \"from transformers import AutoTokenizer as T;"
            + " T.from_pretrained('TMP/model').save_pretrained('TMP/model')\"");
  }

  /** Its "e" is a token that the model has no embedding of. */
  @Test
  void tokenizerOfAnotherModel() throws IOException {
    Path tokenizer = model.resolve("tokenizer.json");
    Files.writeString(
        tokenizer, Files.readString(tokenizer).replaceFirst("\"e\" : \\d+", "\"e\" : 5000"));

    assertFaults(
        "TMP/plan.yaml: concepts 'vegan': the model does not have a token that its tokenizer makes"
            + " of a text; got 5000, expected at most 258 (vocab_size); is"
            + " TMP/model/tokenizer.json another model's?");
  }

  @Test
  void tokenizerThatDrawsTokensAtRandom() throws IOException {
    Path tokenizer = model.resolve("tokenizer.json");
    Files.writeString(
        tokenizer, Files.readString(tokenizer).replace("\"dropout\" : null", "\"dropout\" : 0.1"));

    assertFaults(
        "TMP/model/tokenizer.json: model.dropout: tokens would be drawn at random; got 0.1,"
            + " expected null");
  }

  @Test
  void weightsThatAreNoNumbers() throws IOException {
    TestCheckpoint.put(model, "model.layers.1.mlp.up_proj.weight", 5, Float.NaN);

    assertFaults(
        "TMP/model/model.safetensors: model.layers.1.mlp.up_proj.weight: got NaN at place 5,"
            + " expected numbers");
  }

  @Test
  void weightsWithWhichTheModelOverflows() throws IOException {
    TestCheckpoint.put(model, "model.norm.weight", 0, 3e38f);

    CommandRun run = sweep().in(folder);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "error: TMP/model: the unsteered model's output is not finite; got a log-probability of"
                + " NaN after \"I ate\", expected numbers; weights too large for float32?\n");
    assertThat(run.out()).contains("\nstopped   0 of ");
  }

  @Test
  void damagedTokenizer() throws IOException {
    Files.writeString(model.resolve("tokenizer.json"), "{}");

    assertFaults(
        "TMP/model/tokenizer.json: not a usable tokenizer; Model missing. at line 1 column 2");
  }

  @Test
  void promptsOfWhichTransformersVersionsMakeDifferentTokens() throws IOException {
    Path llama = Path.of("../pipeline/src/test/resources/tokenizers/llama");
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.copy(llama.resolve(name), model.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
    Files.writeString(
        plan,
        PLAN.replace("I ate", "[\" the\", I ate]")
            .replace("I am vegan.", "[I am vegan., \"  the\"]"));

    Path config = model.resolve("config.json"); // a model that has its tokens
    Files.writeString(
        config, Files.readString(config).replace("\"vocab_size\" : 259", "\"vocab_size\" : 400"));

    assertFaults(
        fault(" the", "[1, 259, 260, 317] and [1, 267]"),
        fault("  the", "[1, 259, 267] and [1, 259, 260, 317]"));
  }

  private static String fault(String prompt, String tokens) {
    return "TMP/plan.yaml: concepts 'vegan': TMP/model/tokenizer.json: transformers 4 and 5 make"
        + " different tokens of the text \""
        + prompt
        + "\", because of a leading or repeated space or a special token in it; got "
        + tokens
        + ", expected a text without it, or \"tokenizer_class\": \"PreTrainedTokenizerFast\" in"
        + " tokenizer_config.json, with which both follow tokenizer.json";
  }

  @Test
  void missingPlan() throws IOException {
    Files.delete(plan);

    assertFaults("TMP/plan.yaml: no such file; expected a plan file");
  }

  @Test
  void planThatIsNotYaml() throws IOException {
    Files.writeString(plan, PLAN.replace("[5]", "[5"));

    assertFaults(
        "TMP/plan.yaml: line 9, column 1: broken YAML, expected ',' or ']', but got <stream end>"
            + " while parsing a flow sequence that starts in line 8; got the end of the file");
  }

  @Test
  void faultsOfPlanAndConfigTogether() throws IOException {
    editConfig("model_type", "bloom");
    Files.writeString(
        plan,
        PLAN.replace("settings: [5]", "scale: [5]\n  settings: [much, 0]\n  positions: first")
            .replace("I ate", "\"\""));

    assertFaults(
        "TMP/plan.yaml: grid.scale: unknown key; got 'scale', did you mean 'scales'? (choices:"
            + " hook_points, layers, heads, settings, dose, positions, scales)",
        "TMP/plan.yaml: concepts[0].base_prompts: blank; got nothing, expected text",
        "TMP/plan.yaml: grid.settings[0]: not a number or range; got 'much', expected numbers other"
            + " than 0 (0.3), whole ranges (1-5) or ranges with a step (-1-1+0.5)",
        "TMP/plan.yaml: grid.settings[1]: 0 is the baseline, which is always run; got 0, expected a"
            + " number other than 0",
        "TMP/plan.yaml: grid.positions: unknown position rule; got 'first' (choices: lw2023,"
            + " prompt, mean, last)",
        "TMP/model/config.json: model_type: not supported; got \"bloom\", (choices: llama,"
            + " mistral, qwen2, qwen3, gpt2, gpt_neox, t5)");
  }

  @Test
  void layersAndHeadsThatTheModelDoesNotHaveTogether() throws IOException {
    Files.writeString(
        plan,
        PLAN.replace("value", "[value, head_output]").replace("layers: all", "layers: 0-3")
            + "  heads: [1, 2, 4]\n");

    assertFaults(
        "TMP/plan.yaml: grid.layers: no such layers; got 2, 3, expected 0..1",
        "TMP/plan.yaml: grid.heads: hook point value: no such heads; got 2, 4, expected 0..1",
        "TMP/plan.yaml: grid.heads: hook point head_output: no such head; got 4, expected 0..3");
  }

  @Test
  void promptTooLongForTheModel() throws IOException {
    Files.writeString(plan, PLAN.replace("I ate", "I ate " + "beans ".repeat(12)));

    assertFaults(
        "TMP/plan.yaml: concepts 'vegan': too long for the model; steering prompt + base prompt +"
            + " new tokens are 120 tokens, expected at most 96 (max_position_embeddings)");
  }

  @Test
  void numbersThatAreTooSmallTogether() {
    assertFaults(
        List.of("--batch-size", "0", "--parallelism", "0", "--threads", "-1"),
        "--batch-size: got 0, expected at least 1",
        "--parallelism: got 0, expected at least 1",
        "--threads: got -1, expected at least 0");
  }

  @Test
  void moreThreadsThanAnyMachineHas() {
    assertFaults(List.of("--threads", "100000"), "--threads: got 100000, expected at most 1024");
  }

  @Test
  void aPipeIsNoPlanAndNoCheckpoint() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    for (List<String> command :
        List.of(
            List.of("plan", "--model", model.toString(), "--conf", pipe.toString()),
            List.of("sweep", "--model", model.toString(), "--conf", pipe.toString()),
            List.of(
                "import-csv",
                pipe.toString(),
                "--base",
                "b",
                "--steering",
                "s",
                "--out",
                folder.resolve("out").toString()))) {
      CommandRun run = CommandRun.of(command.toArray(String[]::new)).in(folder);
      assertThat(run.err()).startsWith("error: TMP/pipe: not a file; expected a ");
      assertThat(run.code()).isEqualTo(2);
    }
    Files.move(pipe, model.resolve("tokenizer.model"));
    assertFaults("TMP/model/tokenizer.model: not a file; expected one, or a link to one");
  }

  @Test
  void aTokenizerOfGigabytesBesideTheOneThatIsUsed() throws IOException {
    try (RandomAccessFile file =
        new RandomAccessFile(model.resolve("tokenizer.model").toFile(), "rw")) {
      file.setLength(3L << 30);
    }

    assertFaults("TMP/model/tokenizer.model: too large; expected at most 67108864 bytes");
  }

  @Test
  void runnersThatAreNotThere() {
    assertFaults(
        List.of("--runner", "spark", "--flink", "http://there"),
        "--runner: unknown; got 'spark', expected direct or flink",
        "--flink: got 'http://there', expected HOST:PORT");
  }

  @Test
  void aClusterThatIsNotThere() throws IOException {
    Map<String, Long> before = contents();
    int nobody;
    try (ServerSocket socket = new ServerSocket(0)) {
      nobody = socket.getLocalPort();
    }

    CommandRun run = sweep("--runner", "flink", "--flink", "127.0.0.1:" + nobody).in(folder);

    assertThat(run.err())
        .startsWith("error: no Flink cluster at 127.0.0.1:" + nobody + " ('make cluster-up'");
    assertThat(run.code()).isEqualTo(1);
    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void unitsWithoutCells() {
    assertFaults(List.of("--unit-cells", "0"), "--unit-cells: got 0, expected at least 1");
  }

  @Test
  void unknownOption() throws IOException {
    Map<String, Long> before = contents();

    CommandRun run = sweep("--batchsize=3").in(folder);

    assertThat(run.err())
        .isEqualTo(
            """
            error: Unknown option: '--batchsize=3'
            Possible solutions: --batch-size
            """);
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(2);
    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void optionThatIsNotANumber() throws IOException {
    CommandRun run = sweep("--batch-size", "many").in(folder);

    assertThat(run.err())
        .startsWith("error: Invalid value for option '--batch-size': 'many' is not an int")
        .contains("\nUsage: steersweep sweep ")
        .endsWith("\nsteersweep sweep --help says more\n")
        .doesNotContain("main job", "Exit codes");
    assertThat(run.code()).isEqualTo(2);
    assertThat(folder.resolve("runs")).doesNotExist();
  }

  @Test
  void runsFolderThatCannotBeMadeIsTheMachinesFault() throws IOException {
    Files.writeString(folder.resolve("runs"), "not a folder");
    Map<String, Long> before = contents();

    CommandRun run = sweep().in(folder);

    assertThat(run.err().replaceAll("\\d{8}-\\d{6}", "TIME"))
        .isEqualTo("error: TMP/runs/TIME-plan: the run folder cannot be made: Not a directory\n");
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(1);
    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void verboseAddsTheStackTraceToTheMessage() throws IOException {
    Files.delete(model.resolve("config.json"));

    CommandRun run = sweep("--verbose").in(folder);

    assertThat(run.err())
        .startsWith(
            "error: TMP/model/config.json: missing; is this a checkpoint folder?\n"
                + "steersweep.error.UserError: ")
        .contains("\tat steersweep.cli.");
    assertThat(run.code()).isEqualTo(2);
  }

  private CommandRun sweep(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "sweep",
                "--model",
                model.toString(),
                "--conf",
                plan.toString(),
                "--runs",
                folder.resolve("runs").toString()));
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  private void assertFaults(String... faults) {
    assertFaults(List.of(), faults);
  }

  private void assertFaults(List<String> options, String... faults) {
    Map<String, Long> before = contents();

    CommandRun run = sweep(options.toArray(String[]::new)).in(folder);

    assertThat(run.err())
        .isEqualTo(
            Arrays.stream(faults)
                .map(fault -> "error: " + fault + "\n")
                .collect(Collectors.joining()));
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(2);
    assertThat(contents()).isEqualTo(before);
  }

  /** Every file and folder with its time: what a command that writes nothing leaves as it was. */
  private Map<String, Long> contents() {
    try (Stream<Path> files = Files.walk(folder)) {
      Map<String, Long> contents = new TreeMap<>();
      for (Path file : files.toList()) {
        contents.put(file.toString(), Files.getLastModifiedTime(file).toMillis());
      }
      return contents;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void editConfig(String key, String value) throws IOException {
    Path file = model.resolve("config.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode config = (ObjectNode) json.readTree(Files.readString(file));
    config.set(key, json.readTree(value.matches("\\d+") ? value : '"' + value + '"'));
    Files.writeString(file, config.toString());
  }

  private void cutWeights(int bytes) throws IOException {
    Path weights = model.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(whole, whole.length - bytes));
  }

  private static int headerBytes(byte[] safetensors) {
    return ByteBuffer.wrap(safetensors).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
