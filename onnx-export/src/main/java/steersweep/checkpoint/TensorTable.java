package steersweep.checkpoint;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects the names and shapes of the tensors that a checkpoint must have. */
final class TensorTable {
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

  Map<String, List<Long>> shapes() {
    return shapes;
  }

  void add(String name, long... shape) {
    shapes.put(name, Arrays.stream(shape).boxed().toList());
  }

  /** Factors of a norm that has no shift. */
  void norm(String part, long width) {
    add(part + ".weight", width);
  }

  /** Factors and shifts of a norm. */
  void normWithShift(String part, long width) {
    norm(part, width);
    add(part + ".bias", width);
  }

  /** A matrix, [in, out], and a bias. */
  void conv1d(String part, long in, long out) {
    add(part + ".weight", in, out);
    add(part + ".bias", out);
  }

  /** A matrix, [out, in], and maybe a bias. */
  void linear(String part, long out, long in, boolean bias) {
    add(part + ".weight", out, in);
    if (bias) {
      add(part + ".bias", out);
    }
  }
}
