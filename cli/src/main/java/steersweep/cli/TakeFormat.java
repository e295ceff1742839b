package steersweep.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import steersweep.bake.BakedCheckpoint;
import steersweep.bake.ControlVectorFile;
import steersweep.checkpoint.Checkpoint;
import steersweep.plan.Site;

/** In what form a steering is taken out of a run. */
enum TakeFormat {
  /** For anybody's own hooks. */
  STEERING("steering", "steering.safetensors"),
  /** A checkpoint folder that needs no steering program. */
  BAKED("baked", "baked"),
  /** For llama.cpp. */
  GGUF("gguf", "control_vector.gguf");

  private final String word;
  private final String file;

  TakeFormat(String word, String file) {
    this.word = word;
    this.file = file;
  }

  String word() {
    return word;
  }

  /** Its file or folder. */
  String file() {
    return file;
  }

  static List<String> words() {
    return Arrays.stream(values()).map(TakeFormat::word).toList();
  }

  static Optional<TakeFormat> of(String word) {
    return Arrays.stream(values()).filter(format -> format.word.equals(word)).findFirst();
  }

  /** Why a site cannot be taken in this form; empty if it can. */
  Optional<String> refusal(Checkpoint checkpoint, Site site) {
    return switch (this) {
      case STEERING -> Optional.empty();
      case BAKED -> BakedCheckpoint.refusal(checkpoint, site.hookPoint());
      case GGUF ->
          checkpoint.config().shape().hasEncoder()
              ? Optional.of("llama.cpp has no control vectors for models with an encoder")
              : ControlVectorFile.refusal(site);
    };
  }
}
