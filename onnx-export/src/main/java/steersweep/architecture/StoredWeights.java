package steersweep.architecture;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.ConvertedWeights;
import steersweep.checkpoint.FamilyConfig;
import steersweep.checkpoint.StoredTensor;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.Dtype;

/**
 * A model's weights as they lie in its checkpoint.
 *
 * @param tensors every tensor that the model needs, by name
 * @param ignored names of tensors that are there and not needed, layers put together
 */
public record StoredWeights(Map<String, StoredTensor> tensors, List<String> ignored) {
  public StoredWeights {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    ignored = List.copyOf(ignored);
  }

  /**
   * @throws UserError naming every tensor that is missing, left over, of the wrong shape or type
   */
  public static StoredWeights of(Checkpoint checkpoint) {
    return check(checkpoint, checkpoint.config().own());
  }

  private static StoredWeights check(Checkpoint checkpoint, FamilyConfig config) {
    Map<String, List<Long>> expected = config.tensors();
    TensorLines wrong = new TensorLines();
    TensorLines ignored = new TensorLines();
    Map<String, StoredTensor> found = byFullName(checkpoint.tensors(), config);
    Map<String, StoredTensor> used = new LinkedHashMap<>();
    expected.forEach(
        (name, shape) -> {
          StoredTensor tensor = found.get(name);
          if (tensor == null) {
            wrong.add("tensor missing: ", name, " " + shape);
          } else if (!tensor.shape().equals(shape)) {
            wrong.add("tensor ", name, ": got shape " + tensor.shape() + ", expected " + shape);
          } else if (!ConvertedWeights.isSourceType(tensor.dtype())) {
            String types = String.join(", ", ConvertedWeights.sourceTypes());
            wrong.add(
                "tensor ", name, ": got type " + tensor.dtype() + ", expected one of " + types);
          } else {
            used.put(name, tensor);
          }
        });
    String notKnown =
        "tensor not known in a " + checkpoint.config().family().modelType() + " model: ";
    for (String name : new TreeSet<>(found.keySet())) {
      if (!expected.containsKey(name)) {
        StoredTensor tensor = Objects.requireNonNull(found.get(name));
        if (config.ignores(name)) {
          ignored.add("", name, "");
        } else {
          wrong.add(notKnown, name, " " + tensor.shape());
        }
      }
    }
    Faults faults = new Faults();
    wrong.lines().forEach(line -> faults.add(checkpoint.folder().toString(), line));
    faults.throwIfAny();
    return new StoredWeights(used, ignored.lines());
  }

  /** All tensors, with the prefix that a checkpoint of the family may lack in all of its names. */
  private static Map<String, StoredTensor> byFullName(
      Map<String, StoredTensor> tensors, FamilyConfig config) {
    String prefix = config.optionalPrefix();
    if (tensors.keySet().stream().anyMatch(name -> name.startsWith(prefix))) {
      return tensors;
    }
    return tensors.values().stream()
        .map(tensor -> tensor.named(prefix + tensor.name()))
        .collect(Collectors.toMap(StoredTensor::name, tensor -> tensor));
  }

  /** Their types, as safetensors names them. */
  public SortedSet<String> types() {
    return tensors.values().stream()
        .map(StoredTensor::dtype)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The one type of all weights; float32 where it is not one that graphs compute in. */
  public Dtype dtype() {
    return types().size() == 1
        ? Dtype.ofSafetensors(types().first()).orElse(Dtype.FLOAT32)
        : Dtype.FLOAT32;
  }

  /** Whether a graph of this type can use the weights where they are. */
  public boolean allOf(Dtype dtype) {
    return types().equals(Set.of(dtype.safetensors()))
        && tensors.values().stream().allMatch(tensor -> tensor.pairedHeads() == 0);
  }

  public long bytes() {
    return tensors.values().stream().mapToLong(StoredTensor::length).sum();
  }

  /** Numbers in all weights. */
  public long parameters() {
    return tensors.values().stream()
        .mapToLong(tensor -> tensor.shape().stream().reduce(1L, Math::multiplyExact))
        .sum();
  }
}
