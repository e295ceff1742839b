package steersweep.llama;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.LlamaConfig;
import steersweep.checkpoint.StoredTensor;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Tensor;
import steersweep.model.ModelShape;

/**
 * The tensors a Llama checkpoint must have, checked against those it has, and declared in a graph
 * without being copied.
 */
final class LlamaWeights {
  static final String EMBEDDING = "model.embed_tokens.weight";
  static final String FINAL_NORM = "model.norm.weight";
  static final String OUTPUT = "lm_head.weight";

  /** The only weight type so far; half precision needs its own rules for norms and softmax. */
  private static final String DTYPE = "F32";

  private final LlamaConfig config;
  private final Map<String, StoredTensor> stored;
  private final Map<Path, Path> realFiles;
  private final Path folder;

  private LlamaWeights(LlamaConfig config, Map<String, StoredTensor> stored) {
    this.config = config;
    this.stored = stored;
    this.realFiles = realFiles(stored);
    this.folder = commonFolder(realFiles.values());
  }

  /**
   * @throws UserError naming every tensor that is missing, left over, of the wrong shape or type
   */
  static LlamaWeights of(Checkpoint checkpoint) {
    Map<String, List<Long>> expected = expected(checkpoint.config());
    Faults faults = new Faults();
    String where = checkpoint.folder().toString();
    Map<String, StoredTensor> used = new LinkedHashMap<>();
    expected.forEach(
        (name, shape) -> {
          StoredTensor tensor = checkpoint.tensors().get(name);
          if (tensor == null) {
            faults.add(where, "tensor missing: " + name + " " + shape);
          } else if (!tensor.shape().equals(shape)) {
            faults.add(
                where, "tensor " + name + ": got shape " + tensor.shape() + ", expected " + shape);
          } else {
            used.put(name, tensor);
          }
        });
    for (String name : new TreeSet<>(checkpoint.tensors().keySet())) {
      if (!expected.containsKey(name) && !ignored(name, checkpoint.config())) {
        faults.add(where, "tensor not known in a plain Llama: " + name);
      }
    }
    Set<String> dtypes =
        used.values().stream()
            .map(StoredTensor::dtype)
            .collect(Collectors.toCollection(TreeSet::new));
    if (!faults.any() && !dtypes.equals(Set.of(DTYPE))) {
      faults.add(
          where,
          "weights of a type not supported yet; got "
              + String.join(", ", dtypes)
              + ", expected "
              + DTYPE);
    }
    faults.throwIfAny();
    return new LlamaWeights(checkpoint.config(), used);
  }

  /**
   * Old checkpoints carry the rotary frequencies, and tied ones sometimes the output layer a second
   * time.
   */
  private static boolean ignored(String name, LlamaConfig config) {
    return name.endsWith(".rotary_emb.inv_freq")
        || (config.tiedEmbeddings() && name.equals(OUTPUT));
  }

  private static Map<String, List<Long>> expected(LlamaConfig config) {
    ModelShape shape = config.shape();
    long dModel = shape.dModel();
    long dMlp = shape.dMlp();
    long queryWidth = (long) shape.nHeads() * shape.dHead();
    long keyWidth = (long) shape.nKvHeads() * shape.dHead();
    Map<String, List<Long>> expected = new LinkedHashMap<>();
    expected.put(EMBEDDING, List.of((long) shape.nVocab(), dModel));
    for (int layer = 0; layer < shape.nLayers(); layer++) {
      expected.put(inLayer(layer, "input_layernorm"), List.of(dModel));
      expected.put(inLayer(layer, "self_attn.q_proj"), List.of(queryWidth, dModel));
      expected.put(inLayer(layer, "self_attn.k_proj"), List.of(keyWidth, dModel));
      expected.put(inLayer(layer, "self_attn.v_proj"), List.of(keyWidth, dModel));
      expected.put(inLayer(layer, "self_attn.o_proj"), List.of(dModel, queryWidth));
      expected.put(inLayer(layer, "post_attention_layernorm"), List.of(dModel));
      expected.put(inLayer(layer, "mlp.gate_proj"), List.of(dMlp, dModel));
      expected.put(inLayer(layer, "mlp.up_proj"), List.of(dMlp, dModel));
      expected.put(inLayer(layer, "mlp.down_proj"), List.of(dModel, dMlp));
    }
    expected.put(FINAL_NORM, List.of(dModel));
    if (!config.tiedEmbeddings()) {
      expected.put(OUTPUT, List.of((long) shape.nVocab(), dModel));
    }
    return expected;
  }

  static String inLayer(int layer, String part) {
    return "model.layers." + layer + "." + part + ".weight";
  }

  /**
   * Where each weight file really is, symbolic links followed: hub caches link to files elsewhere.
   */
  private static Map<Path, Path> realFiles(Map<String, StoredTensor> tensors) {
    Faults faults = new Faults();
    Map<Path, Path> real = new LinkedHashMap<>();
    for (Path file :
        tensors.values().stream().map(StoredTensor::file).collect(Collectors.toSet())) {
      try {
        real.put(file, file.toRealPath());
      } catch (IOException e) {
        faults.add(file.toString(), "cannot be found; " + e);
      }
    }
    faults.throwIfAny();
    return real;
  }

  /** The deepest folder that holds every file. */
  private static Path commonFolder(Collection<Path> files) {
    Path common = parent(files.iterator().next());
    for (Path file : files) {
      while (!file.startsWith(common)) {
        common = parent(common);
      }
    }
    return common;
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalStateException(path + " has no folder");
    }
    return parent;
  }

  /** The folder that the locations of {@link #declare} are relative to. */
  Path folder() {
    return folder;
  }

  String dtype() {
    return DTYPE;
  }

  /** Declares every weight in {@code graph} under its name in the checkpoint. */
  void declare(GraphBuilder graph) {
    for (StoredTensor tensor : stored.values()) {
      Path real = Objects.requireNonNull(realFiles.get(tensor.file()));
      graph.external(
          tensor.name(),
          ElementType.FLOAT,
          tensor.shape(),
          folder.relativize(real).toString(),
          tensor.offset(),
          tensor.length());
    }
  }

  Tensor embedding() {
    return new Tensor(EMBEDDING);
  }

  Tensor finalNorm() {
    return new Tensor(FINAL_NORM);
  }

  /** [n_vocab, d_model]. */
  Tensor output() {
    return new Tensor(config.tiedEmbeddings() ? EMBEDDING : OUTPUT);
  }

  Tensor layer(int layer, String part) {
    return new Tensor(inLayer(layer, part));
  }
}
