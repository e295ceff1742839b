package steersweep.architecture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lines about tensors, what holds of the same part in many layers said once: {@code
 * model.layers.{16-31}.mlp.up_proj.weight}.
 */
final class TensorLines {
  private static final Pattern LAYER = Pattern.compile("^(.*?\\.)(\\d{1,6})(\\..*)$");

  /** A line about one part, whatever the layer. */
  private record Kind(String before, String head, String tail, String after) {}

  private final Map<Kind, List<Integer>> layers = new LinkedHashMap<>();

  /**
   * @param before stands before the tensor's name in the line
   * @param after stands behind it
   */
  void add(String before, String tensor, String after) {
    Matcher matcher = LAYER.matcher(tensor);
    Kind kind =
        matcher.matches()
            ? new Kind(before, matcher.group(1), matcher.group(3), after)
            : new Kind(before, tensor, "", after);
    List<Integer> ofKind = layers.computeIfAbsent(kind, unused -> new ArrayList<>());
    if (matcher.matches()) {
      ofKind.add(Integer.valueOf(matcher.group(2)));
    }
  }

  List<String> lines() {
    return layers.entrySet().stream()
        .map(
            line -> {
              Kind kind = line.getKey();
              return kind.before + kind.head + ranges(line.getValue()) + kind.tail + kind.after;
            })
        .toList();
  }

  private static String ranges(List<Integer> numbers) {
    if (numbers.size() < 2) {
      return numbers.isEmpty() ? "" : numbers.get(0).toString();
    }
    StringBuilder ranges = new StringBuilder("{");
    Integer previous = null;
    boolean open = false;
    for (int number : numbers.stream().sorted().toList()) {
      if (follows(number, previous)) {
        open = true;
      } else {
        close(ranges, open, previous);
        open = false;
        ranges.append(number);
      }
      previous = number;
    }
    if (open) {
      ranges.append('-').append(previous);
    }
    return ranges.append('}').toString();
  }

  private static boolean follows(int number, @Nullable Integer previous) {
    return previous != null && number == previous + 1;
  }

  private static void close(StringBuilder ranges, boolean open, @Nullable Integer previous) {
    if (open) {
      ranges.append('-').append(previous);
    }
    if (previous != null) {
      ranges.append(',');
    }
  }
}
