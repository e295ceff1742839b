package steersweep.bake;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.Family;
import steersweep.checkpoint.Rounding;
import steersweep.checkpoint.SafetensorsWriter;
import steersweep.checkpoint.StoredNumbers;
import steersweep.checkpoint.StoredTensor;
import steersweep.model.HookPoint;
import steersweep.plan.ConstantAddition;
import steersweep.plan.Site;
import steersweep.result.Json;

/**
 * A checkpoint that does by itself what a constant addition does to the one it is made from: a
 * folder in the transformers format, in which a bias carries the addition. Weight files are linked;
 * one more, small, holds the biases, in float32. A file that already holds the bias that changes is
 * written again without it.
 */
public final class BakedCheckpoint {
  private static final String CONFIG = "config.json";
  private static final String INDEX = "model.safetensors.index.json";

  /** What may stand beside the weights and belongs to the model: tokenizer, generation settings. */
  private static final Predicate<String> COMPANION =
      name ->
          name.matches(".*\\.(json|jinja|txt|model)|LICENSE.*|NOTICE.*")
              && !name.equals(CONFIG)
              && !name.endsWith(".index.json");

  private final Checkpoint checkpoint;
  private final ConstantAddition addition;
  private final Carrier carrier;
  private final BlockNames names;
  private final Path folder;

  private BakedCheckpoint(
      Checkpoint checkpoint, ConstantAddition addition, Carrier carrier, Path folder) {
    this.checkpoint = checkpoint;
    this.addition = addition;
    this.carrier = carrier;
    this.names = BlockNames.of(checkpoint.config().family());
    this.folder = folder;
  }

  /** Why a checkpoint cannot carry an addition, and what could; empty if it can. */
  public static Optional<String> refusal(Checkpoint checkpoint, HookPoint hookPoint) {
    Family family = checkpoint.config().family();
    if (!Files.isDirectory(checkpoint.folder())) {
      return Optional.of(
          "its weights stay where they are, and no client reads them from there; got a GGUF file,"
              + " expected a run on a checkpoint folder");
    }
    if (Carrier.of(family, hookPoint).isPresent()) {
      return Optional.empty();
    }
    List<String> possible =
        HookPoint.of(checkpoint.config().shape()).stream()
            .filter(other -> Carrier.of(family, other).isPresent())
            .map(HookPoint::word)
            .toList();
    return Optional.of(
        "no bias of a "
            + family.modelType()
            + " checkpoint is known to carry it; got "
            + hookPoint.word()
            + ", expected "
            + (possible.isEmpty() ? "a llama checkpoint" : String.join(", ", possible)));
  }

  /**
   * Writes the folder.
   *
   * @param folder a new or empty folder
   * @return what the changed bias loses where a client computes in half precision
   * @throws IllegalArgumentException if the addition is refused
   * @throws UncheckedIOException naming the file that cannot be written
   */
  public static Rounding write(Checkpoint checkpoint, ConstantAddition addition, Path folder) {
    HookPoint hookPoint = addition.site().hookPoint();
    Carrier carrier =
        Carrier.of(checkpoint.config().family(), hookPoint)
            .orElseThrow(() -> new IllegalArgumentException(hookPoint.word()));
    try {
      Files.createDirectories(folder);
      return new BakedCheckpoint(checkpoint, addition, carrier, folder).write();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be written: " + e, e);
    }
  }

  private Rounding write() throws IOException {
    Map<String, float[]> biases = biases();
    Map<String, String> fileOf = weights(biases);
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    long bytes = checkpoint.tensors().values().stream().mapToLong(StoredTensor::length).sum();
    long more = biases.values().stream().mapToLong(bias -> (long) bias.length * Float.BYTES).sum();
    index.putObject("metadata").put("total_size", bytes + more);
    ObjectNode map = index.putObject("weight_map");
    fileOf.forEach(map::put);
    Json.write(folder.resolve(INDEX), index);
    Json.write(folder.resolve(CONFIG), config());
    copyCompanions();
    return Rounding.of(biases.getOrDefault(changed(), new float[0]));
  }

  /** Links or writes the weight files; by tensor the name of its file. */
  private Map<String, String> weights(Map<String, float[]> biases) throws IOException {
    Set<Path> files = new LinkedHashSet<>();
    checkpoint.tensors().values().stream().map(StoredTensor::file).sorted().forEach(files::add);
    Map<String, String> fileOf = new LinkedHashMap<>();
    int number = 1;
    for (Path file : files) {
      String name = shard(number++, files.size() + 1);
      List<StoredTensor> all =
          checkpoint.tensors().values().stream()
              .filter(tensor -> tensor.file().equals(file))
              .sorted((a, b) -> Long.compare(a.offset(), b.offset()))
              .toList();
      List<StoredTensor> kept =
          all.stream().filter(tensor -> !biases.containsKey(tensor.name())).toList();
      if (kept.size() == all.size()) {
        link(file.toRealPath(), folder.resolve(name));
      } else {
        List<SafetensorsWriter.Content> copies = new ArrayList<>();
        kept.forEach(tensor -> copies.add(new SafetensorsWriter.Copy(tensor)));
        SafetensorsWriter.write(folder.resolve(name), Map.of("format", "pt"), copies);
      }
      kept.forEach(tensor -> fileOf.put(tensor.name(), name));
    }
    String last = shard(number, files.size() + 1);
    List<SafetensorsWriter.Content> added = new ArrayList<>();
    biases.forEach((name, values) -> added.add(new SafetensorsWriter.Numbers(name, values)));
    SafetensorsWriter.write(folder.resolve(last), Map.of("format", "pt"), added);
    biases.keySet().forEach(name -> fileOf.put(name, last));
    return fileOf;
  }

  private static String shard(int number, int of) {
    return String.format("model-%05d-of-%05d.safetensors", number, of);
  }

  /** A link takes no space and outlives the original's folder; across file systems it cannot. */
  private static void link(Path file, Path link) throws IOException {
    try {
      Files.createLink(link, file);
    } catch (FileSystemException | UnsupportedOperationException otherFileSystem) {
      Files.createSymbolicLink(link, file);
    }
  }

  private void copyCompanions() throws IOException {
    List<String> names;
    try (Stream<Path> files = Files.list(checkpoint.folder())) {
      names =
          new TreeSet<>(files.map(file -> file.getFileName().toString()).toList())
              .stream().filter(COMPANION).toList();
    }
    for (String name : names) {
      Path file = checkpoint.folder().resolve(name);
      if (Files.isRegularFile(file)) {
        Json.writeBytes(folder.resolve(name), Files.readAllBytes(file));
      }
    }
  }

  private ObjectNode config() {
    ObjectNode config = checkpoint.config().json().deepCopy();
    String key = names.keys().get(carrier);
    if (key != null) {
      config.put(key, true);
    }
    return config;
  }

  // ---- biases ----

  /**
   * By name, every bias that the checkpoint lacks or that changes. Switching biases on in a config
   * switches them on in every block: all but one are zeros.
   */
  private Map<String, float[]> biases() {
    Map<String, float[]> biases = new LinkedHashMap<>();
    for (int layer = 0; layer < checkpoint.config().shape().nLayers(); layer++) {
      for (String part : names.together().getOrDefault(carrier, List.of())) {
        String name = inLayer(layer, part, "bias");
        if (!checkpoint.tensors().containsKey(name)) {
          StoredTensor weight = tensor(layer, part, "weight");
          biases.put(name, new float[Math.toIntExact(weight.shape().get(0))]);
        }
      }
    }
    int layer = addition.site().layer();
    String name = changed();
    double[] sum = carried(layer);
    StoredTensor before = checkpoint.tensors().get(name);
    if (before != null) {
      float[] own = StoredNumbers.read(before);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += own[i];
      }
    }
    float[] bias = new float[sum.length];
    for (int i = 0; i < sum.length; i++) {
      bias[i] = (float) sum[i];
    }
    biases.put(name, bias);
    return biases;
  }

  /** The bias that carries the addition. */
  private String changed() {
    return inLayer(addition.site().layer(), names.part(carrier), "bias");
  }

  /** What the carrier's bias has to grow by. */
  private double[] carried(int layer) {
    Site site = addition.site();
    float[] added = addition.scaled();
    boolean inOutput = carrier == Carrier.ATTENTION_BIAS;
    return switch (site.hookPoint()) {
      case VALUE -> inOutput ? throughOutput(layer, ofQueryHeads(added)) : widened(added);
      case HEAD_OUTPUT -> throughOutput(layer, added);
      case ATTENTION_OUTPUT, MLP_OUTPUT, RESIDUAL_POST -> widened(added);
      case CROSS_VALUE,
          CROSS_ATTENTION_OUTPUT,
          ENCODER_VALUE,
          ENCODER_HEAD_OUTPUT,
          ENCODER_ATTENTION_OUTPUT,
          ENCODER_MLP_OUTPUT,
          ENCODER_RESIDUAL_POST ->
          throw new IllegalArgumentException("nothing carries it");
    };
  }

  private double[] throughOutput(int layer, float[] headOutput) {
    StoredTensor matrix = tensor(layer, names.part(Carrier.ATTENTION_BIAS), "weight");
    return names.inputFirst()
        ? StoredNumbers.product(headOutput, matrix)
        : StoredNumbers.product(matrix, headOutput);
  }

  /** Each query head takes the value of its key-value head: [n_heads * d_head]. */
  private float[] ofQueryHeads(float[] value) {
    int dHead = checkpoint.config().shape().dHead();
    int nHeads = checkpoint.config().shape().nHeads();
    int group = nHeads / checkpoint.config().shape().nKvHeads();
    float[] headOutput = new float[nHeads * dHead];
    for (int head = 0; head < nHeads; head++) {
      System.arraycopy(value, head / group * dHead, headOutput, head * dHead, dHead);
    }
    return headOutput;
  }

  private static double[] widened(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  private StoredTensor tensor(int layer, String part, String what) {
    return Optional.ofNullable(checkpoint.tensors().get(inLayer(layer, part, what)))
        .orElseThrow(() -> new IllegalStateException(inLayer(layer, part, what) + " is missing"));
  }

  /** As the checkpoint's own files name it: some leave out what others begin every name with. */
  private String inLayer(int layer, String part, String what) {
    String name = names.layers() + layer + "." + part + "." + what;
    String prefix = checkpoint.config().own().optionalPrefix();
    boolean left =
        checkpoint.tensors().keySet().stream().noneMatch(other -> other.startsWith(prefix));
    return left ? name.substring(prefix.length()) : name;
  }
}
