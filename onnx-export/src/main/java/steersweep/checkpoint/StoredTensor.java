package steersweep.checkpoint;

import java.nio.file.Path;
import java.util.List;

/**
 * A tensor where it lies in a safetensors file.
 *
 * @param name name in the checkpoint, such as {@code model.layers.0.self_attn.v_proj.weight}
 * @param dtype as safetensors names it, such as {@code F32}
 * @param shape sizes of its axes, outermost first
 * @param file the file that holds it
 * @param offset first byte, counted from the start of the file
 * @param length bytes
 */
public record StoredTensor(
    String name, String dtype, List<Long> shape, Path file, long offset, long length) {
  public StoredTensor {
    shape = List.copyOf(shape);
  }
}
