package steersweep.plan;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * Vectors that were made elsewhere; each the same at every position.
 *
 * @param file where they were read, as the plan names it
 * @param hash of the file
 * @param vectors at most one for each hook point and layer
 */
public record GivenVector(String file, String hash, List<At> vectors) implements SteeringSource {
  /** Reads a vector file of any kind that is known. */
  @FunctionalInterface
  public interface Reader {
    /**
     * @param name the file as the plan names it
     * @throws steersweep.error.UserError with everything that is wrong with the file
     */
    GivenVector read(Path file, String name);
  }

  /**
   * @param numbers [width], float32, little endian, in Base64
   */
  public record At(HookPoint hookPoint, int layer, String numbers) implements Serializable {
    public static At of(HookPoint hookPoint, int layer, float[] vector) {
      ByteBuffer bytes =
          ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(vector);
      return new At(hookPoint, layer, Base64.getEncoder().encodeToString(bytes.array()));
    }

    /** [width]. */
    public float[] vector() {
      ByteBuffer bytes =
          ByteBuffer.wrap(Base64.getDecoder().decode(numbers)).order(ByteOrder.LITTLE_ENDIAN);
      float[] vector = new float[bytes.remaining() / Float.BYTES];
      bytes.asFloatBuffer().get(vector);
      return vector;
    }
  }

  public GivenVector {
    vectors = List.copyOf(vectors);
  }

  @Override
  public String identity() {
    return "vector\0" + hash;
  }

  /** What keeps it from being added at a site of a model; empty if nothing does. */
  Optional<String> fault(HookPoint hookPoint, int layer, ModelShape shape) {
    At at =
        vectors.stream()
            .filter(given -> given.hookPoint() == hookPoint && given.layer() == layer)
            .findFirst()
            .orElse(null);
    String place = hookPoint.word() + ", layer " + layer;
    if (at == null) {
      return Optional.of("no vector for " + place);
    }
    int width = at.vector().length;
    return width == hookPoint.width(shape)
        ? Optional.empty()
        : Optional.of(
            place
                + ": not of this model; got width "
                + width
                + ", expected "
                + hookPoint.width(shape));
  }
}
