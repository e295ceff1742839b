package steersweep.gguf;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import steersweep.error.Faults;
import steersweep.error.Visible;

/** The table of a GGUF file's tensors, checked entry by entry and against the file's length. */
final class GgufTable {
  private static final int MOST_SHOWN = 100;

  private final Path path;
  private final long fileBytes;
  private final Set<String> names = new HashSet<>();
  private final List<GgufTensor> tensors = new ArrayList<>();

  /** What is wrong, and the names of the tensors of which it is. */
  private final Map<String, List<String>> wrong = new LinkedHashMap<>();

  GgufTable(Path path, long fileBytes) {
    this.path = path;
    this.fileBytes = fileBytes;
  }

  /**
   * @param offset counted from the start of the data, which is not known yet
   */
  void add(String name, List<Long> shape, long typeId, long offset) {
    if (!names.add(name)) {
      wrong("damaged; stands there twice", name);
      return;
    }
    GgufType type = GgufType.of(typeId).orElse(null);
    if (type == null) {
      wrong(
          "got type "
              + GgufType.name(typeId)
              + ", which is not read, expected one of "
              + String.join(", ", GgufType.names()),
          name);
      return;
    }
    long length = length(shape, type);
    if (length < 0 || offset < 0 || offset > fileBytes) {
      wrong("damaged; got " + type + " " + shape + " at byte " + offset, name);
      return;
    }
    tensors.add(new GgufTensor(name, type, shape, offset, length));
  }

  /** Bytes of a tensor; -1 for a shape that none can have in this file. */
  private long length(List<Long> shape, GgufType type) {
    long elements = 1;
    for (long size : shape) {
      // in no file are there more than two elements a byte
      if (size < 1 || size > 2 * fileBytes || elements > 2 * fileBytes / size) {
        return -1;
      }
      elements *= size;
    }
    return shape.get(shape.size() - 1) % type.blockElements() == 0
        ? elements / type.blockElements() * type.blockBytes()
        : -1;
  }

  private void wrong(String what, String name) {
    wrong.computeIfAbsent(what, names -> new ArrayList<>()).add(name);
  }

  /**
   * @throws steersweep.error.UserError with every fault at once
   */
  List<GgufTensor> tensors(long dataStart) {
    List<GgufTensor> placed =
        tensors.stream()
            .map(
                t ->
                    new GgufTensor(
                        t.name(), t.type(), t.shape(), dataStart + t.offset(), t.length()))
            .toList();
    long end = 0;
    for (GgufTensor tensor :
        placed.stream().sorted(Comparator.comparingLong(GgufTensor::offset)).toList()) {
      if (tensor.offset() < end) {
        wrong("damaged; lies where another one lies", tensor.name());
      }
      end = tensor.offset() + tensor.length();
      if (end > fileBytes) {
        wrong(
            "cut off; should lie before byte " + fileBytes + ", the end of the file",
            tensor.name());
      }
    }
    Faults faults = new Faults();
    wrong.forEach((what, of) -> faults.add(path + ": " + withCount(of), what));
    faults.throwIfAny();
    return placed;
  }

  private static String withCount(List<String> names) {
    int more = names.size() - 1;
    return Visible.text(names.get(0), MOST_SHOWN) + (more == 0 ? "" : " and " + more + " more");
  }
}
