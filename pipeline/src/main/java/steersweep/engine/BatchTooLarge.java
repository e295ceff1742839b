package steersweep.engine;

import java.util.List;

/** A run of the model needed more memory than there is; fewer rows may fit. */
final class BatchTooLarge extends EngineException {
  private static final long serialVersionUID = 1L;

  /** What the arenas, the C++ library, CUDA and cuBLAS say. */
  private static final List<String> SIGNS =
      List.of(
          "Failed to allocate memory",
          "smaller than requested bytes",
          "bad_alloc",
          "out of memory",
          "ALLOC_FAILED");

  BatchTooLarge(Throwable cause) {
    super("not enough memory to run the model: " + cause.getMessage(), cause);
  }

  /** Whether a failure of the runtime is one of memory: it has no code of its own for that. */
  static boolean is(Throwable failure) {
    if (failure instanceof OutOfMemoryError) {
      return true;
    }
    String message = String.valueOf(failure.getMessage());
    return SIGNS.stream().anyMatch(message::contains);
  }
}
