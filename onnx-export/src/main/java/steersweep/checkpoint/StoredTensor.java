package steersweep.checkpoint;

import java.nio.file.Path;
import java.util.List;

/**
 * A tensor where it lies in a safetensors or GGUF file.
 *
 * @param name name in the checkpoint, such as {@code model.layers.0.self_attn.v_proj.weight}
 * @param dtype as safetensors or GGUF names it, such as {@code F32}
 * @param shape sizes of its axes, outermost first
 * @param file the file that holds it
 * @param offset first byte, counted from the start of the file
 * @param length bytes
 * @param pairedHeads 0 where rows lie in transformers' order. Otherwise the number of heads whose
 *     rows lie as llama.cpp wants them for a Llama's rotary embedding: row 2i of a head is what
 *     transformers has as row i, and row 2i + 1 what it has as row i + d_head / 2
 */
public record StoredTensor(
    String name,
    String dtype,
    List<Long> shape,
    Path file,
    long offset,
    long length,
    int pairedHeads) {
  public StoredTensor {
    shape = List.copyOf(shape);
  }

  /** In transformers' order. */
  public StoredTensor(
      String name, String dtype, List<Long> shape, Path file, long offset, long length) {
    this(name, dtype, shape, file, offset, length, 0);
  }

  /** Size of the outermost axis. */
  long rows() {
    return shape.get(0);
  }

  /** Which of the stored rows is transformers' row of that number. */
  long storedRow(long row) {
    if (pairedHeads == 0) {
      return row;
    }
    long perHead = rows() / pairedHeads;
    long inHead = row % perHead;
    return row - inHead + inHead % (perHead / 2) * 2 + inHead / (perHead / 2);
  }

  /** The same under another name. */
  public StoredTensor named(String name) {
    return new StoredTensor(name, dtype, shape, file, offset, length, pairedHeads);
  }
}
