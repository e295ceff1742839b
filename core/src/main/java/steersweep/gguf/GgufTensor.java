package steersweep.gguf;

import java.util.List;

/**
 * A tensor where it lies in a GGUF file.
 *
 * @param name as llama.cpp names it, such as {@code blk.0.attn_v.weight}
 * @param shape sizes of its axes, outermost first: the file has them the other way round
 * @param offset first byte, counted from the start of the file
 * @param length bytes
 */
public record GgufTensor(String name, GgufType type, List<Long> shape, long offset, long length) {
  public GgufTensor {
    shape = List.copyOf(shape);
  }
}
