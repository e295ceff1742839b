package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import steersweep.bake.BakedCheckpoint;
import steersweep.bake.Carrier;
import steersweep.bake.SteeringFile;
import steersweep.checkpoint.Checkpoint;
import steersweep.engine.Activations;
import steersweep.engine.Baseline;
import steersweep.engine.Capture;
import steersweep.engine.Engine;
import steersweep.engine.Steer;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.plan.ConstantAddition;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;
import steersweep.steerable.Export;
import steersweep.steerable.ExportSettings;

/**
 * Checkpoints that carry their steering, against transformers: it loaded these very files, which
 * hashes show, by plain {@code from_pretrained}, and generated these tokens in float64. So did
 * {@code docs/steer_with_hooks.py} with these vectors. Steering while running gives the same.
 */
class BakedCheckpointTest {
  private static final Path ORACLE = Path.of("src/test/resources/oracle");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  static Stream<String> models() throws IOException {
    try (Stream<Path> folders = Files.list(ORACLE)) {
      return folders
          .filter(model -> Files.exists(model.resolve("baked.json")))
          .map(model -> model.getFileName().toString())
          .sorted()
          .toList()
          .stream();
    }
  }

  @Test
  void everyKindOfCheckpointThatCanCarryAnAdditionIsHere() throws IOException {
    assertThat(models())
        .contains("llama-mha", "llama-gqa", "llama-tied", "llama-biases", "qwen2", "qwen3")
        .contains("gpt2", "gpt2-first", "gpt2-untied", "gpt-neox", "gpt-neox-whole", "pythia");
  }

  /** Whole layers and, where there are heads, single ones. */
  @Test
  void everyHookPointThatAFamilyCanCarryIsHere() throws IOException {
    for (String model : models().toList()) {
      Checkpoint checkpoint = Checkpoint.open(ORACLE.resolve(model).resolve("model"));
      Set<String> expected = new TreeSet<>();
      for (HookPoint hookPoint : HookPoint.of(checkpoint.config().shape())) {
        if (Carrier.of(checkpoint.config().family(), hookPoint).isPresent()) {
          expected.add(hookPoint.word() + " whole");
          if (hookPoint.hasHeads()) {
            expected.add(hookPoint.word() + " head");
          }
        }
      }
      JsonNode golden = JSON.readTree(ORACLE.resolve(model).resolve("baked.json").toFile());
      Set<String> covered = new TreeSet<>();
      for (ConstantAddition addition : BakedCells.read(golden).additions()) {
        Site site = addition.site();
        covered.add(site.hookPoint().word() + (site.allHeads() ? " whole" : " head"));
      }
      assertThat(covered).as(model).isEqualTo(expected);
    }
  }

  @Test
  void whatCannotCarryAnAdditionIsRefusedWithWhatCould() {
    assertThat(refusal("qwen2"))
        .contains(
            "no bias of a qwen2 checkpoint is known to carry it; got residual_post, expected value");
    assertThat(refusal("qwen3"))
        .contains(
            "no bias of a qwen3 checkpoint is known to carry it; got residual_post, expected value,"
                + " head_output, attention_output");
    assertThat(refusal("mistral"))
        .contains(
            "no bias of a mistral checkpoint is known to carry it; got residual_post, expected a"
                + " llama checkpoint");
    assertThat(refusal("llama-1")).isEmpty();
  }

  private static Optional<String> refusal(String model) {
    Checkpoint checkpoint = Checkpoint.open(ORACLE.resolve(model).resolve("model"));
    return BakedCheckpoint.refusal(checkpoint, HookPoint.RESIDUAL_POST);
  }

  @ParameterizedTest
  @MethodSource("models")
  void transformersLoadsTheBakedFolderAndWritesWhatSteeringWrites(String model) throws Exception {
    JsonNode golden = JSON.readTree(ORACLE.resolve(model).resolve("baked.json").toFile());
    BakedCells cells = BakedCells.read(golden);
    Checkpoint checkpoint = Checkpoint.open(ORACLE.resolve(model).resolve("model"));
    List<List<Integer>> steered = steered(checkpoint, cells);
    for (int i = 0; i < cells.additions().size(); i++) {
      JsonNode expected = golden.get("cells").get(i);
      Path baked = folder.resolve("baked-" + i);
      BakedCheckpoint.write(checkpoint, cells.additions().get(i), baked);

      String what = model + ", " + cells.additions().get(i).site();
      assertThat(JSON.valueToTree(hashes(baked)).equals(expected.get("files_sha256")))
          .as(what + ": the files that transformers loaded")
          .isTrue();
      Path vector = folder.resolve("vector-" + i);
      String family = checkpoint.config().family().modelType();
      SteeringFile.write(vector, cells.additions().get(i), family);
      assertThat(hash(vector))
          .as(what + ": the vector that forward hooks added")
          .isEqualTo(expected.get("vector_sha256").asText());
      List<Integer> tokens = List.of(JSON.convertValue(expected.get("tokens"), Integer[].class));
      assertThat(unsteered(baked, cells)).as(what + ", baked").isEqualTo(tokens);
      assertThat(steered.get(i)).as(what + ", steered").isEqualTo(tokens);
    }
  }

  private List<List<Integer>> steered(Checkpoint checkpoint, BakedCells cells) {
    try (Engine engine = engine(checkpoint, folder.resolve("export"))) {
      Baseline baseline =
          Baseline.of(engine, Capture.of(engine, cells.base()), cells.newTokens(), List.of());
      List<Steer.Request> requests = new ArrayList<>();
      for (ConstantAddition addition : cells.additions()) {
        Activations constant =
            Activations.constant(
                engine.manifest().shape(), engine.manifest().hookPoints(), addition);
        requests.add(
            new Steer.Request(
                baseline, constant, addition.site(), addition.factor(), PositionRule.MEAN));
      }
      return Steer.complete(engine, requests, cells.newTokens(), List.of(), 64).stream()
          .map(Steer.Completion::tokens)
          .toList();
    }
  }

  private List<Integer> unsteered(Path baked, BakedCells cells) {
    try (Engine engine = engine(Checkpoint.open(baked), baked.resolveSibling("export-baked"))) {
      return Steer.unsteered(engine, List.of(cells.base()), cells.newTokens(), List.of(), 1)
          .get(0)
          .tokens();
    }
  }

  private Engine engine(Checkpoint checkpoint, Path exported) {
    ExportSettings settings =
        new ExportSettings(
            Arrays.asList(HookPoint.values()),
            Dtype.FLOAT32,
            Device.CPU,
            folder.resolve("cache"),
            (done, all) -> {});
    Export.write(checkpoint, settings, exported);
    return Engine.open(exported, 1);
  }

  private static TreeMap<String, String> hashes(Path folder) throws Exception {
    TreeMap<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        hashes.put(file.getFileName().toString(), hash(file));
      }
    }
    return hashes;
  }

  private static String hash(Path file) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(hash);
  }
}
