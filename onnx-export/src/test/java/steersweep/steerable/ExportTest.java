package steersweep.steerable;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.SparseCheckpoint;
import steersweep.TinyCheckpoint;
import steersweep.TinyCheckpoint.Weights;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.Fingerprint;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.FileHashes;
import steersweep.model.HookPoint;
import steersweep.model.ModelFile;
import steersweep.model.ModelManifest;
import steersweep.model.ModelShape;
import steersweep.model.Release;
import steersweep.result.Json;

/** What the exporter writes; what the graph computes is compared with transformers elsewhere. */
class ExportTest {
  private static final List<HookPoint> ALL = List.of(HookPoint.values());

  @TempDir Path temporary;

  private final TinyCheckpoint tiny = new TinyCheckpoint(1);

  private ModelManifest export(Path checkpoint, List<HookPoint> hookPoints) {
    return export(checkpoint, hookPoints, Dtype.FLOAT32, Device.CPU);
  }

  private ModelManifest export(
      Path checkpoint, List<HookPoint> hookPoints, Dtype dtype, Device device) {
    ExportSettings settings =
        new ExportSettings(hookPoints, dtype, device, cache(), (done, all) -> {});
    return Export.write(Checkpoint.open(checkpoint), settings, out());
  }

  private Path cache() {
    return temporary.resolve("cache");
  }

  private Path out() {
    return temporary.resolve("out");
  }

  private ModelProto model() throws IOException {
    return ModelProto.parseFrom(Files.readAllBytes(out().resolve("model.onnx")));
  }

  private static Map<String, TensorProto> externals(ModelProto model) {
    return model.getGraph().getInitializerList().stream()
        .filter(tensor -> tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL)
        .collect(Collectors.toMap(TensorProto::getName, tensor -> tensor));
  }

  private static Map<String, String> places(TensorProto external) {
    return external.getExternalDataList().stream()
        .collect(
            Collectors.toMap(StringStringEntryProto::getKey, StringStringEntryProto::getValue));
  }

  /** Every tensor's bytes, read as the graph says, are those written into the checkpoint. */
  private void assertWeightsAreFound(ModelManifest manifest) throws IOException {
    assertWeightsAreFound(manifest, TensorProto.DataType.FLOAT);
  }

  private void assertWeightsAreFound(ModelManifest manifest, TensorProto.DataType type)
      throws IOException {
    Map<String, TensorProto> externals = externals(model());
    assertThat(externals.keySet()).isEqualTo(tiny.tensors().keySet());
    for (Map.Entry<String, TensorProto> external : externals.entrySet()) {
      Weights weights = tiny.tensors().get(external.getKey());
      Map<String, String> places = places(external.getValue());
      assertThat(places.keySet()).containsExactlyInAnyOrder("location", "offset", "length");
      byte[] file =
          Files.readAllBytes(Path.of(manifest.weightsFolder()).resolve(places.get("location")));
      int offset = Integer.parseInt(places.get("offset"));
      int length = Integer.parseInt(places.get("length"));
      assertThat(Arrays.copyOfRange(file, offset, offset + length)).isEqualTo(weights.bytes());
      assertThat(external.getValue().getDimsList()).isEqualTo(weights.shape());
      assertThat(external.getValue().getDataType()).isEqualTo(type.getNumber());
    }
  }

  private List<String> faults(Path checkpoint) {
    List<String> faults = TinyCheckpoint.faults(temporary, () -> export(checkpoint, ALL));
    assertThat(out()).doesNotExist();
    return faults;
  }

  // ---- weights ----

  @Test
  void everyWeightPointsAtItsBytes() throws IOException {
    Path folder = tiny.write(temporary.resolve("model"));

    ModelManifest manifest = export(folder, ALL);

    assertWeightsAreFound(manifest);
    assertThat(manifest.weightsFolder()).isEqualTo(folder.toRealPath().toString());
  }

  @Test
  void everyWeightOfAShardedCheckpointPointsAtItsBytes() throws IOException {
    ModelManifest manifest = export(tiny.writeSharded(temporary.resolve("model")), ALL);

    assertWeightsAreFound(manifest);
    assertThat(externals(model()).values())
        .extracting(external -> places(external).get("location"))
        .contains(TinyCheckpoint.shardName(0), TinyCheckpoint.shardName(1));
  }

  @Test
  void weightsLinkedAsInAHubCacheAreFoundWhereTheyReallyLie() throws IOException {
    Path snapshot = tiny.write(temporary.resolve("cache/snapshots/x"));
    Path blobs = Files.createDirectories(temporary.resolve("cache/blobs"));
    Path weights = snapshot.resolve("model.safetensors");
    Files.move(weights, blobs.resolve("abc"));
    Files.createSymbolicLink(weights, Path.of("../../blobs/abc"));

    ModelManifest manifest = export(snapshot, ALL);

    assertThat(manifest.weightsFolder()).isEqualTo(blobs.toRealPath().toString());
    assertThat(places(externals(model()).get("lm_head.weight"))).containsEntry("location", "abc");
    assertThat(manifest.checkpoint()).isEqualTo(snapshot.toString());
    assertWeightsAreFound(manifest);
  }

  @Test
  void shardsLinkedIntoDifferentFoldersAreFoundFromTheFolderTheyShare() throws IOException {
    Path folder = tiny.writeSharded(temporary.resolve("hub/model"));
    Path elsewhere = Files.createDirectories(temporary.resolve("elsewhere/deep")).resolve("shard");
    Path linked = folder.resolve(TinyCheckpoint.shardName(1));
    Files.move(linked, elsewhere);
    Files.createSymbolicLink(linked, elsewhere);

    ModelManifest manifest = export(folder, ALL);

    assertThat(manifest.weightsFolder()).isEqualTo(temporary.toRealPath().toString());
    assertThat(externals(model()).values())
        .extracting(external -> places(external).get("location"))
        .containsOnly("hub/model/" + TinyCheckpoint.shardName(0), "elsewhere/deep/shard");
    assertWeightsAreFound(manifest);
  }

  @Test
  void tiedEmbeddingsNeedNoOutputLayerAndIgnoreOne() throws IOException {
    Weights outputLayer = tiny.tensors().remove("lm_head.weight");
    tiny.config().put("tie_word_embeddings", true);
    ModelManifest without = export(tiny.write(temporary.resolve("without")), ALL);
    assertWeightsAreFound(without);
    GraphProto graphWithout = model().getGraph();

    tiny.tensors().put("lm_head.weight", tiny.tensors().get("model.embed_tokens.weight"));
    export(tiny.write(temporary.resolve("with")), ALL);

    assertThat(outputLayer).isNotNull();
    assertThat(externals(model())).doesNotContainKey("lm_head.weight");
    assertThat(model().getGraph().getNodeList()).isEqualTo(graphWithout.getNodeList());
    assertThat(usersOf("model.embed_tokens.weight", graphWithout))
        .containsExactlyInAnyOrder("Gather", "Gather", "Gemm", "Gemm", "Gemm");
  }

  /** transformers 4 ties what transformers 5 does not. */
  @ParameterizedTest
  @CsvSource({
    "numbers, other numbers",
    "type, type BF16 against F32",
    "shape, 'shape [5, 16] against [10, 8]'"
  })
  void anOutputLayerThatIsNotTheTiedEmbeddingIsRefused(String what, String difference)
      throws IOException {
    tiny.config().put("tie_word_embeddings", true);
    Weights embedding = tiny.tensors().get("model.embed_tokens.weight");
    byte[] bytes = embedding.bytes().clone();
    bytes[bytes.length / 2] ^= 1;
    tiny.tensors()
        .put(
            "lm_head.weight",
            switch (what) {
              case "numbers" -> new Weights("F32", embedding.shape(), bytes);
              case "type" -> embedding.halved("BF16");
              default -> new Weights("F32", List.of(5L, 16L), embedding.bytes());
            });
    Path folder = tiny.write(temporary.resolve("model"));

    assertThat(TinyCheckpoint.faults(temporary, () -> export(folder, ALL)))
        .containsExactly(
            "model/config.json: tie_word_embeddings: got true, and a lm_head.weight in"
                + " model.safetensors that is not the embedding ("
                + difference
                + "): transformers 4 uses the embedding as output layer, transformers 5"
                + " lm_head.weight; expected false, to use it, or a file without it");
    assertThat(out()).doesNotExist();
  }

  @Test
  void weightsThatAreNoNumbersAreAllNamedBeforeAnythingIsWritten() throws IOException {
    putFloat("model.norm.weight", 3, Float.NaN);
    putFloat("lm_head.weight", 79, Float.NEGATIVE_INFINITY);
    Path folder = tiny.write(temporary.resolve("model"));

    assertThat(TinyCheckpoint.faults(temporary, () -> export(folder, ALL)))
        .containsExactly(
            "model/model.safetensors: model.norm.weight: got NaN at place 3, expected numbers",
            "model/model.safetensors: lm_head.weight: got -Infinity at place 79, expected numbers");
    assertThat(out()).doesNotExist();
  }

  private void putFloat(String tensor, int place, float value) {
    ByteBuffer.wrap(tiny.tensors().get(tensor).bytes())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(place * Float.BYTES, value);
  }

  @Test
  void rotaryFrequenciesOfOldCheckpointsAreIgnored() throws IOException {
    tiny.tensors()
        .put(
            "model.layers.0.self_attn.rotary_emb.inv_freq",
            new Weights("F32", List.of(1L), new byte[4]));

    export(tiny.write(temporary.resolve("model")), ALL);

    assertThat(externals(model()))
        .doesNotContainKey("model.layers.0.self_attn.rotary_emb.inv_freq");
  }

  // ---- the graph file ----

  @Test
  void theGraphDoesNotDependOnTheWeights() throws IOException {
    export(tiny.write(temporary.resolve("a")), ALL);
    ModelProto one = model();
    export(new TinyCheckpoint(2).write(temporary.resolve("b")), ALL);
    ModelProto other = model();

    assertThat(other.getGraph()).isEqualTo(one.getGraph());
    assertThat(other.getMetadataProps(0)).isNotEqualTo(one.getMetadataProps(0));
  }

  @Test
  void theSameCheckpointGivesTheSameFilesAgain() throws IOException {
    Path folder = tiny.write(temporary.resolve("model"));
    export(folder, ALL);
    byte[] graph = Files.readAllBytes(out().resolve("model.onnx"));
    byte[] manifest = Files.readAllBytes(out().resolve("model.manifest.json"));

    export(folder, ALL);

    assertThat(out().resolve("model.onnx")).hasBinaryContent(graph);
    assertThat(out().resolve("model.manifest.json")).hasBinaryContent(manifest);
    try (Stream<Path> files = Files.list(out())) {
      assertThat(files)
          .extracting(file -> file.getFileName().toString())
          .containsExactlyInAnyOrder("model.onnx", "model.manifest.json");
    }
  }

  static List<Arguments> realSizes() {
    return List.of(
        Arguments.of("llama-7b", SparseCheckpoint.llama7bInSinglePrecision(), Dtype.FLOAT32),
        Arguments.of("llama-7b, half", SparseCheckpoint.llama7b(), Dtype.FLOAT16),
        Arguments.of(
            "Llama-3-8B, half", SparseCheckpoint.llama3Of8bInHalfPrecision(), Dtype.FLOAT16));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("realSizes")
  void theGraphOfALargeModelStaysSmallAndPointsAtAllWeights(
      String name, SparseCheckpoint checkpoint, Dtype dtype) throws IOException {
    Path folder = checkpoint.write(temporary.resolve("model"));

    ModelProto graph =
        Export.graph(
            Checkpoint.open(folder),
            new ExportSettings(ALL, dtype, Device.CUDA, cache(), (done, all) -> {}));

    assertThat(graph.getSerializedSize()).isBetween(100_000, 600_000);
    Map<String, TensorProto> externals = externals(graph);
    assertThat(externals).hasSize(3 + 32 * 9);
    for (TensorProto external : externals.values()) {
      try (FileChannel file = FileChannel.open(folder.resolve(places(external).get("location")))) {
        long offset = Long.parseLong(places(external).get("offset"));
        long end = offset + Long.parseLong(places(external).get("length"));
        assertSentinel(file, offset, external.getName(), true);
        assertSentinel(file, end - SparseCheckpoint.SENTINEL_BYTES, external.getName(), false);
      }
    }
  }

  private static void assertSentinel(FileChannel file, long at, String tensor, boolean first)
      throws IOException {
    ByteBuffer found = ByteBuffer.allocate(SparseCheckpoint.SENTINEL_BYTES);
    file.read(found, at);
    assertThat(found.array())
        .as((first ? "first" : "last") + " bytes of " + tensor + ", at " + at)
        .isEqualTo(SparseCheckpoint.sentinel(tensor, first).array());
  }

  @Test
  void theGraphAndItsLoopUseExactlyTheKnownOperators() throws IOException {
    export(tiny.write(temporary.resolve("model")), ALL);

    Set<String> known =
        EnumSet.complementOf(EnumSet.of(Op.ERF)).stream() // of other families
            .map(Op::onnxName)
            .collect(Collectors.toSet());
    Set<String> used = new HashSet<>();
    List<GraphProto> graphs = withSubgraphs(model().getGraph());
    graphs.forEach(graph -> graph.getNodeList().forEach(node -> used.add(node.getOpType())));
    assertThat(graphs)
        .as("main, two loops, and two of each branch")
        .hasSize(3 + 2 * (2 + 1 + 1 + 1));
    assertThat(used).isEqualTo(known);
  }

  @Test
  void everyNameIsGivenOnceAndBeforeItIsUsed() throws IOException {
    export(tiny.write(temporary.resolve("model")), ALL);

    GraphProto graph = model().getGraph();
    Set<String> names = new HashSet<>();
    assertNamesAreGivenOnceAndBeforeUse(graph, names);
    assertThat(names).contains("tokens", "past_key.0");
  }

  private static void assertNamesAreGivenOnceAndBeforeUse(GraphProto graph, Set<String> names) {
    graph.getInputList().forEach(input -> assertThat(names.add(input.getName())).isTrue());
    graph.getInitializerList().forEach(value -> assertThat(names.add(value.getName())).isTrue());
    for (NodeProto node : graph.getNodeList()) {
      assertThat(names).as(node.getOpType()).containsAll(node.getInputList());
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasG()) {
          assertNamesAreGivenOnceAndBeforeUse(attribute.getG(), names);
        }
      }
      node.getOutputList().forEach(output -> assertThat(names.add(output)).isTrue());
    }
    graph.getOutputList().forEach(output -> assertThat(names).contains(output.getName()));
  }

  @ParameterizedTest
  @EnumSource(
      value = HookPoint.class,
      names = {"VALUE", "HEAD_OUTPUT", "ATTENTION_OUTPUT", "MLP_OUTPUT", "RESIDUAL_POST"})
  void onlyTheHookPointAskedForIsInTheGraph(HookPoint asked) throws IOException {
    export(tiny.write(temporary.resolve("model")), List.of(asked));

    List<String> inputs =
        model().getGraph().getInputList().stream().map(ValueInfoProto::getName).toList();
    List<String> outputs =
        model().getGraph().getOutputList().stream().map(ValueInfoProto::getName).toList();
    assertThat(inputs)
        .containsExactlyInAnyOrder(
            "input_ids",
            "attention_mask",
            "sequence_shape",
            "start_residual",
            "start_row",
            "context.length",
            "context.mask",
            "context.row",
            "blocks.0.attn.context_k",
            "blocks.0.attn.context_v",
            "blocks.1.attn.context_k",
            "blocks.1.attn.context_v",
            "blocks.0.run",
            "blocks.1.run",
            "steering.row",
            "steering.decode_row",
            "steering." + asked.word() + ".scale",
            asked.bank(0),
            asked.bank(1),
            "score.position",
            "score.target",
            "score.reference",
            "score.reference_row",
            "score.base",
            "score.row_base",
            "score.axis_base",
            "score.axis_plus",
            "score.axis_minus",
            "score.places",
            "score.compare",
            "score.distributions",
            "decode_steps",
            "stop_tokens");
    if (asked.hasHeads()) {
      assertThat(outputs)
          .contains(HookPoint.ATTENTION_OUTPUT.tap(0), HookPoint.ATTENTION_OUTPUT.tap(1));
      outputs = outputs.stream().filter(name -> !name.endsWith(".hook_attn_out")).toList();
    }
    assertThat(outputs)
        .containsExactlyInAnyOrder(
            asked.tap(0),
            asked.tap(1),
            "next_logprobs",
            "target_logprobs",
            "kl",
            "change_variance",
            "pull",
            "axis_covariance",
            "axis_variance",
            "axis_pull",
            "best_token",
            "best_logprob",
            "best_margin",
            "blocks.0.attn.cached_k",
            "blocks.0.attn.cached_v",
            "blocks.1.attn.cached_k",
            "blocks.1.attn.cached_v",
            "blocks.0.hook_resid_pre",
            "blocks.1.hook_resid_pre",
            "blocks.2.hook_resid_pre",
            "tokens",
            "token_logprobs",
            "token_margins");
  }

  @Test
  void allHookPointsTogetherHaveTheInputsAndOutputsOfEach() throws IOException {
    export(tiny.write(temporary.resolve("model")), ALL);

    assertThat(model().getGraph().getInputList()).hasSize(24 + 2 * 3 + 3 * 5);
    assertThat(model().getGraph().getOutputList()).hasSize(14 + 3 + 2 * 2 + 2 * 5);
  }

  // ---- the manifest ----

  @Test
  void theManifestSaysWhatWasExported() throws IOException {
    tiny.config().remove("rope_theta");
    tiny.config().putArray("eos_token_id").add(2).add(7);
    Path folder = tiny.write(temporary.resolve("model"));
    List<HookPoint> hookPoints = List.of(HookPoint.RESIDUAL_POST, HookPoint.VALUE);

    ModelManifest returned = export(folder, hookPoints);

    ModelManifest expected =
        new ModelManifest(
            Release.VERSION,
            GraphBuilder.OPSET,
            Dtype.FLOAT32,
            Device.CPU,
            "llama",
            new ModelShape(2, 4, 2, 8, 2, 12, 10, 32),
            hookPoints,
            1,
            List.of(2, 7),
            folder.toString(),
            folder.toRealPath().toString(),
            Fingerprint.of(Checkpoint.open(folder), FileHashes.ofThisUser((file, bytes) -> {})),
            returned.files(),
            List.of("rope_theta = 10000.0"),
            TinyCheckpoint.json(tiny.config().toString()));
    assertThat(returned).isEqualTo(expected);
    assertThat(returned.files().stream().map(ModelFile::name))
        .containsExactly("config.json", "model.safetensors");
    assertThat(Json.read(out().resolve("model.manifest.json"), ModelManifest.class))
        .isEqualTo(expected);
  }

  @Test
  void theGraphFileSaysWhatItIsAndNothingOfThisMachine() throws IOException {
    Path folder = tiny.write(temporary.resolve("model"));
    ModelManifest manifest = export(folder, List.of(HookPoint.VALUE, HookPoint.MLP_OUTPUT));

    assertThat(model().getMetadataPropsList())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.getKey()).isEqualTo("steersweep.manifest");
              assertThat(TinyCheckpoint.json(entry.getValue()))
                  .isEqualTo(TinyCheckpoint.json(Json.text(manifest.withoutPaths())));
            });
    assertThat(model().toString()).doesNotContain(temporary.getFileName().toString());
  }

  // ---- refused ----

  @Test
  void everyTensorMissingLeftOverOrOfAnotherShapeIsReportedAtOnce() throws IOException {
    Weights bias = Weights.f32(new Random(0), 8);
    tiny.tensors().remove("model.layers.1.self_attn.k_proj.weight");
    tiny.tensors().remove("model.norm.weight");
    tiny.tensors().put("model.layers.0.self_attn.v_proj.weight", bias);
    tiny.tensors().put("model.layers.2.input_layernorm.weight", bias);
    tiny.tensors().put("model.layers.0.self_attn.q_proj.bias", bias);

    assertThat(faults(tiny.write(temporary.resolve("model"))))
        .containsExactly(
            "model: tensor model.layers.0.self_attn.v_proj.weight: got shape [8], expected [4, 8]",
            "model: tensor missing: model.layers.1.self_attn.k_proj.weight [4, 8]",
            "model: tensor missing: model.norm.weight [8]",
            "model: tensor not known in a llama model: model.layers.0.self_attn.q_proj.bias [8]",
            "model: tensor not known in a llama model: model.layers.2.input_layernorm.weight [8]");
  }

  @Test
  void anUntiedModelWithoutOutputLayerIsRefused() throws IOException {
    tiny.tensors().remove("lm_head.weight");

    assertThat(faults(tiny.write(temporary.resolve("model"))))
        .containsExactly("model: tensor missing: lm_head.weight [10, 8]");
  }

  @Test
  void quantisedWeightsAreRefusedByName() throws IOException {
    Weights embedding = tiny.tensors().get("model.embed_tokens.weight");
    byte[] bytes = Arrays.copyOf(embedding.bytes(), embedding.bytes().length / 4);
    tiny.tensors().put("model.embed_tokens.weight", new Weights("I8", embedding.shape(), bytes));

    assertThat(faults(tiny.write(temporary.resolve("model"))))
        .containsExactly(
            "model: tensor model.embed_tokens.weight: got type I8, expected one of F64, F32, F16,"
                + " BF16");
  }

  @Test
  void faultsOfConfigAndWeightFilesAreReportedTogether() throws IOException {
    tiny.config().put("hidden_act", "gelu");
    Path folder = tiny.write(temporary.resolve("model"));
    Files.write(folder.resolve("model.safetensors"), new byte[3]);

    assertThat(faults(folder))
        .containsExactly(
            "model/config.json: hidden_act: not supported; got \"gelu\", expected \"silu\"",
            "model/model.safetensors: not a safetensors file; got 3 bytes, expected a header of at"
                + " least 8");
  }

  // ---- other types ----

  @Test
  void halfPrecisionWeightsAreUsedWhereTheyAre() throws IOException {
    tiny.tensors().replaceAll((name, weights) -> weights.halved("F16"));

    ModelManifest manifest =
        export(tiny.write(temporary.resolve("model")), ALL, Dtype.FLOAT16, Device.CUDA);

    assertWeightsAreFound(manifest, TensorProto.DataType.FLOAT16);
    assertThat(manifest.dtype()).isEqualTo(Dtype.FLOAT16);
    assertThat(cache().toFile().list()).containsExactly("finite");
    assertThat(usersOf("lm_head.weight", model().getGraph()))
        .containsExactly("Gemm", "Gemm", "Gemm");
  }

  @Test
  void inAGraphForTheCpuHalfPrecisionMatricesAreWidenedOnceEach() throws IOException {
    tiny.tensors().replaceAll((name, weights) -> weights.halved("F16"));

    export(tiny.write(temporary.resolve("model")), ALL, Dtype.FLOAT16, Device.CPU);

    GraphProto graph = model().getGraph();
    for (String name : tiny.tensors().keySet()) {
      boolean matrix = tiny.tensors().get(name).shape().size() == 2;
      boolean onlyLookedUp = name.equals("model.embed_tokens.weight");
      assertThat(usersOf(name, graph))
          .as(name)
          .isEqualTo(
              onlyLookedUp
                  ? List.of("Gather", "Gather")
                  : matrix ? List.of("Cast") : usersOf(name, graph));
    }
    assertThat(usersOf("model.norm.weight", graph)).containsExactly("Mul", "Mul", "Mul");
  }

  @ParameterizedTest
  @ValueSource(strings = {"F16", "BF16"})
  void weightsOfAnotherTypeAreConvertedOnce(String dtype) throws IOException {
    tiny.tensors().replaceAll((name, weights) -> weights.halved(dtype));
    Path folder = tiny.write(temporary.resolve("model"));

    ModelManifest manifest = export(folder, ALL);

    Path converted = Path.of(manifest.files().get(0).name());
    FileTime made = Files.getLastModifiedTime(converted);
    assertThat(converted.getFileName().toString()).endsWith("-f32.safetensors");
    assertThat(manifest.weightsFolder()).isEqualTo(cache().toRealPath().toString());
    assertThat(externals(model()).values())
        .extracting(external -> places(external).get("location"))
        .containsOnly(converted.getFileName().toString());
    assertThat(externals(model()).values())
        .extracting(TensorProto::getDataType)
        .containsOnly(TensorProto.DataType.FLOAT.getNumber());
    assertThat(export(folder, ALL)).isEqualTo(manifest);
    assertThat(Files.getLastModifiedTime(converted)).isEqualTo(made);
  }

  @Test
  void oneWeightOfAnotherTypeMakesAllOfThemConverted() throws IOException {
    tiny.tensors().computeIfPresent("lm_head.weight", (name, weights) -> weights.halved("BF16"));

    ModelManifest manifest = export(tiny.write(temporary.resolve("model")), ALL);

    assertThat(manifest.weightsFolder()).isEqualTo(cache().toRealPath().toString());
    assertThat(externals(model()).keySet()).isEqualTo(tiny.tensors().keySet());
  }

  // ---- the families ----

  @Test
  void biasesAndNormsOfQueryAndKeyAreInTheGraphOfThoseThatHaveThem() throws IOException {
    Random random = new Random(3);
    tiny.config().put("model_type", "qwen3").put("attention_bias", true);
    for (int layer = 0; layer < 2; layer++) {
      String attention = "model.layers." + layer + ".self_attn.";
      tiny.tensors().put(attention + "q_proj.bias", Weights.f32(random, 8));
      tiny.tensors().put(attention + "k_proj.bias", Weights.f32(random, 4));
      tiny.tensors().put(attention + "v_proj.bias", Weights.f32(random, 4));
      tiny.tensors().put(attention + "o_proj.bias", Weights.f32(random, 8));
      tiny.tensors().put(attention + "q_norm.weight", Weights.f32(random, 2));
      tiny.tensors().put(attention + "k_norm.weight", Weights.f32(random, 2));
    }

    assertWeightsAreFound(export(tiny.write(temporary.resolve("model")), ALL));

    GraphProto graph = model().getGraph();
    for (String name : tiny.tensors().keySet()) {
      assertThat(usersOf(name, graph)).as(name).isNotEmpty();
    }
    assertThat(usersOf("model.layers.1.self_attn.o_proj.bias", graph))
        .containsExactly("Gemm", "Gemm");
    assertThat(usersOf("model.layers.1.self_attn.k_norm.weight", graph))
        .containsExactly("Mul", "Mul");
  }

  @Test
  void theSameFaultInManyLayersIsOneLine() throws IOException {
    tiny.config().put("num_hidden_layers", 5).put("model_type", "qwen2");

    List<String> faults = faults(tiny.write(temporary.resolve("model")));

    assertThat(faults)
        .contains(
            "model: tensor missing: model.layers.{0-4}.self_attn.q_proj.bias [8]",
            "model: tensor missing: model.layers.{2-4}.mlp.up_proj.weight [12, 8]")
        .hasSize(3 + 9);
  }

  // ---- reading graphs ----

  private static List<GraphProto> withSubgraphs(GraphProto graph) {
    List<GraphProto> graphs = new ArrayList<>(List.of(graph));
    for (NodeProto node : graph.getNodeList()) {
      node.getAttributeList().stream()
          .filter(AttributeProto::hasG)
          .forEach(attribute -> graphs.addAll(withSubgraphs(attribute.getG())));
    }
    return graphs;
  }

  /** Operators that read a tensor, those of subgraphs last. */
  private static List<String> usersOf(String tensor, GraphProto graph) {
    return withSubgraphs(graph).stream()
        .flatMap(one -> one.getNodeList().stream())
        .filter(node -> node.getInputList().contains(tensor))
        .map(NodeProto::getOpType)
        .toList();
  }
}
