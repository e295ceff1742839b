package steersweep.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.io.IOException;
import steersweep.model.Device;
import steersweep.model.Processor;

/** How ONNX Runtime is set up for each kind of processor. */
public final class Sessions {
  private Sessions() {}

  /**
   * @param weightsFolder what the graph's external data is relative to
   * @param threads threads of one run on the CPU; 0 for one per core
   */
  static OrtSession open(byte[] graph, String weightsFolder, Processor processor, int threads)
      throws OrtException, IOException {
    OrtEnvironment environment = environment();
    try (SessionOptions options = new SessionOptions();
        WeightsFolder weights = WeightsFolder.of(weightsFolder)) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
      options.setDeterministicCompute(true);
      options.setMemoryPatternOptimization(false); // batches differ in shape
      options.addConfigEntry(
          "session.intra_op.allow_spinning", "0"); // waiting threads leave the cores to others
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path", weights.name());
      switch (processor.device()) {
        case CPU -> options.setIntraOpNumThreads(threads);
        case CUDA -> {
          options.setIntraOpNumThreads(1);
          options.addConfigEntry("session.disable_cpu_ep_fallback", "1");
          addCuda(options, processor.number());
        }
      }
      return environment.createSession(graph, options);
    }
  }

  /** Made before any options: CUDA's libraries log to it while they are loaded. */
  private static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment();
  }

  private static void addCuda(SessionOptions options, int number) throws OrtException {
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(number)) {
      // by default the arena doubles, to more than batches of changing shapes ever need at once
      cuda.add("arena_extend_strategy", "kSameAsRequested");
      // by default float32 products are rounded to 10 bits of mantissa
      cuda.add("use_tf32", "0");
      options.addCUDA(cuda);
    }
  }

  /**
   * Has the runtime load its CUDA libraries and look for the GPU, without a model.
   *
   * @throws EngineException with the runtime's reason when it cannot
   */
  public static void check(Processor processor) {
    if (processor.device() == Device.CPU) {
      return;
    }
    environment();
    try (SessionOptions options = new SessionOptions()) {
      addCuda(options, processor.number());
    } catch (OrtException e) {
      throw new EngineException(
          "CUDA cannot be used: " + processor.word() + ": " + e.getMessage(), e);
    }
  }
}
