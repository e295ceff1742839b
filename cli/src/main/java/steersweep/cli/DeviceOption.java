package steersweep.cli;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import steersweep.architecture.StoredWeights;
import steersweep.device.Cuda;
import steersweep.device.DeviceChoice;
import steersweep.device.Host;
import steersweep.device.NativeLibraries;
import steersweep.engine.Sessions;
import steersweep.error.Faults;
import steersweep.model.CacheFolder;
import steersweep.model.Device;
import steersweep.model.Dtype;

/** What to run the model on. */
final class DeviceOption {
  @Option(
      names = "--device",
      split = ",",
      paramLabel = "NAME",
      description = {
        "What to run on: cpu, cuda, cuda:N (a GPU by its number), several of them (cuda:0,cuda:1) or"
            + " cuda:all.",
        "Default: cuda:0 if there is an NVIDIA driver and this build has CUDA, else cpu. CUDA that"
            + " cannot be used is an error, never a reason to use the CPU."
      })
  private @Nullable List<String> words;

  void check(Faults faults) {
    if (words != null) {
      DeviceChoice.check(words, faults);
    }
  }

  /**
   * @throws steersweep.engine.EngineException when CUDA is wanted and cannot be used
   */
  DeviceChoice choose(Host host) {
    Cuda cuda = look(host);
    List<String> asked = words;
    DeviceChoice choice =
        asked == null ? DeviceChoice.automatic(cuda) : DeviceChoice.asked(asked, cuda);
    choice.processors().forEach(Sessions::check);
    return choice;
  }

  /** How this build and this machine's GPUs go together. */
  static Cuda look(Host host) {
    Optional<Path> natives = natives();
    boolean builtIn = OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
    return Cuda.of(host, natives, builtIn);
  }

  /** Where the runtime's libraries are; to be called before anything else of the runtime. */
  static Optional<Path> natives() {
    return NativeLibraries.use(CacheFolder.ofThisUser());
  }

  /**
   * The type to compute in where none is asked for. On the CPU float32. On a GPU as stored; weights
   * stored in bfloat16 become float32, which holds each of them exactly: models trained in it have
   * activations beyond the largest float16.
   */
  static Dtype dtype(@Nullable Dtype asked, DeviceChoice choice, StoredWeights stored) {
    if (asked != null) {
      return asked;
    }
    return choice.device() == Device.CPU ? Dtype.FLOAT32 : stored.dtype();
  }
}
