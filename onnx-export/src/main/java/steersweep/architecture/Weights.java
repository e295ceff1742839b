package steersweep.architecture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import steersweep.checkpoint.FamilyConfig;
import steersweep.checkpoint.StoredTensor;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Tensor;
import steersweep.model.Device;
import steersweep.model.Dtype;

/**
 * A model's weights, all of one type, declared in a graph without being copied.
 *
 * <p>Products of half precision are summed up in float32 by torch and by CUDA. ONNX Runtime's CPU
 * kernel sums up in half precision, 27 times the rounding error at a width of 1024 (measured), so
 * in a graph for the CPU such products are made in float32, of weights widened when the graph is
 * opened, and rounded afterwards.
 */
public final class Weights {
  static final String WEIGHT = ".weight";
  static final String BIAS = ".bias";

  private final Set<String> lookedUp;
  private final ElementType type;
  private final ElementType productType;
  private final Map<String, Tensor> factors = new HashMap<>();
  private final Map<String, StoredTensor> stored;
  private final Map<Path, Path> realFiles;
  private final Path folder;

  /**
   * @param stored every tensor of the model, all of type {@code dtype}
   * @throws UserError when a weight file is gone
   */
  public Weights(
      FamilyConfig config, Dtype dtype, Device device, Map<String, StoredTensor> stored) {
    this.lookedUp = config.lookedUp();
    this.type =
        switch (dtype) {
          case FLOAT32 -> ElementType.FLOAT;
          case FLOAT16 -> ElementType.FLOAT16;
        };
    this.productType =
        switch (device) {
          case CPU -> ElementType.FLOAT;
          case CUDA -> type;
        };
    this.stored = stored;
    this.realFiles = realFiles(stored);
    this.folder = commonFolder(realFiles.values());
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
  public Path folder() {
    return folder;
  }

  /** What activations are computed in. */
  public ElementType type() {
    return type;
  }

  /** Declares every weight in {@code graph} under its name in the checkpoint. */
  public void declare(GraphBuilder graph) {
    for (StoredTensor tensor : stored.values()) {
      Path real = Objects.requireNonNull(realFiles.get(tensor.file()));
      Tensor weight =
          graph.external(
              tensor.name(),
              type,
              tensor.shape(),
              folder.relativize(real).toString(),
              tensor.offset(),
              tensor.length());
      if (isFactor(tensor)) {
        factors.put(tensor.name(), graph.cast(weight, productType));
      }
    }
  }

  /** Whether a tensor is part of a product with activations: a matrix, or its bias. */
  private boolean isFactor(StoredTensor tensor) {
    if (tensor.name().endsWith(BIAS)) {
      String part = tensor.name().substring(0, tensor.name().length() - BIAS.length());
      StoredTensor weight = stored.get(part + WEIGHT);
      return weight != null && weight.shape().size() == 2;
    }
    return tensor.shape().size() == 2 && !lookedUp.contains(tensor.name());
  }

  /** A weight as it is stored: tables, and what norms multiply with. */
  Tensor stored(String name) {
    return new Tensor(Objects.requireNonNull(stored.get(name), name).name(), type);
  }

  /** [out, in], in the type that products are made in. */
  Tensor matrix(String name) {
    return Objects.requireNonNull(factors.get(name), name);
  }

  /** [out], in the type that products are made in; null where there is none. */
  @Nullable Tensor bias(String name) {
    return factors.get(name);
  }
}
