package steersweep.checkpoint;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Whether the tensors of a safetensors file fill its data without gap or overlap, up to the file's
 * end. Where they do not, the file is damaged or lies, and numbers would be read from the wrong
 * place.
 */
final class DataCoverage {
  /** Bytes of the data that a tensor claims. */
  private record Span(String name, long begin, long end) {
    String bytes() {
      return begin + ".." + end;
    }
  }

  private final List<Span> spans = new ArrayList<>();
  private boolean allPlaced = true;

  void add(String name, long begin, long end) {
    spans.add(new Span(name, begin, end));
  }

  /** A tensor whose place could not be read: what looks like a gap may be its own. */
  void addUnplaced() {
    allPlaced = false;
  }

  /** One message of each kind, however many tensors it is about. */
  List<String> faults(long dataBytes) {
    List<String> overlaps = new ArrayList<>();
    List<String> gaps = new ArrayList<>();
    List<String> beyond = new ArrayList<>();
    Span last = new Span("", 0, 0);
    for (Span span : inOrder()) {
      if (span.begin() < last.end()) {
        overlaps.add(
            span.name()
                + " at bytes "
                + span.bytes()
                + " of the data overlaps "
                + last.name()
                + " at "
                + last.bytes());
      } else if (span.begin() > last.end()) {
        gaps.add("bytes " + last.end() + ".." + span.begin() + " of the data belong to no tensor");
      }
      if (span.end() > dataBytes) {
        beyond.add(span.name() + " lies at bytes " + span.bytes() + " of the data");
      }
      last = span.end() >= last.end() ? span : last;
    }
    List<String> faults = new ArrayList<>();
    if (!overlaps.isEmpty()) {
      faults.add("damaged; " + withCount(overlaps));
    }
    if (!gaps.isEmpty() && allPlaced) {
      faults.add("damaged; " + withCount(gaps));
    }
    if (!beyond.isEmpty()) {
      faults.add("cut off; " + withCount(beyond) + ", the file has " + dataBytes);
    } else if (last.end() < dataBytes && allPlaced) {
      faults.add(
          "longer than its header says; bytes "
              + last.end()
              + ".."
              + dataBytes
              + " of the data belong to no tensor");
    }
    return faults;
  }

  private List<Span> inOrder() {
    return spans.stream()
        .sorted(
            Comparator.comparingLong(Span::begin)
                .thenComparingLong(Span::end)
                .thenComparing(Span::name))
        .toList();
  }

  static String withCount(List<String> alike) {
    int more = alike.size() - 1;
    return alike.get(0) + (more == 0 ? "" : " (and " + more + " more like it)");
  }
}
