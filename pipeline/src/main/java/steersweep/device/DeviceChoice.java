package steersweep.device;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import steersweep.engine.EngineException;
import steersweep.error.Faults;
import steersweep.model.Device;
import steersweep.model.Processor;

/**
 * What a model is run on, and why.
 *
 * @param processors one, or several GPUs
 * @param name of the hardware where it is known; may be empty
 * @param reason why these
 */
public record DeviceChoice(List<Processor> processors, String name, String reason) {
  private static final Pattern WORD = Pattern.compile("cpu|cuda(:(all|[0-9]{1,4}))?");
  private static final String EXPECTED = "expected cpu, cuda, cuda:N, cuda:all, or cuda:N,cuda:M";

  public DeviceChoice {
    processors = List.copyOf(processors);
  }

  /** The first GPU where there is one and the build can use it, else the CPU. */
  public static DeviceChoice automatic(Cuda cuda) {
    if (!cuda.driver().present()) {
      return onCpu("no NVIDIA driver here");
    }
    if (cuda.driver().visible() == 0) {
      return onCpu("CUDA_VISIBLE_DEVICES hides all GPUs");
    }
    if (cuda.builtIn()) {
      // from here on what is missing is an error: whoever has a GPU does not want to be slow
      requireUsable(cuda, "; '--device cpu' does without");
      return onCuda(cuda, List.of(Processor.cuda(0)), "there is a GPU");
    }
    return onCpu(
        "there is a GPU, but this build has no CUDA: 'make build GPU=1' makes one that has");
  }

  /**
   * What {@code --device} asks for.
   *
   * @param words as {@link #check} finds nothing wrong with
   * @throws EngineException when it asks for CUDA that cannot be used
   */
  public static DeviceChoice asked(List<String> words, Cuda cuda) {
    if (words.equals(List.of("cpu"))) {
      return onCpu("asked for");
    }
    requireUsable(cuda, "");
    Set<Processor> processors = new LinkedHashSet<>();
    for (String word : words) {
      if (word.equals("cuda:all")) {
        IntStream.range(0, cuda.driver().visible())
            .mapToObj(Processor::cuda)
            .forEach(processors::add);
      } else {
        int colon = word.indexOf(':');
        int number = colon < 0 ? 0 : Integer.parseInt(word.substring(colon + 1));
        if (number >= cuda.driver().visible()) {
          throw new EngineException(
              "--device: there is no cuda:"
                  + number
                  + "; got "
                  + cuda.driver().visible()
                  + " GPU(s)");
        }
        processors.add(Processor.cuda(number));
      }
    }
    return onCuda(cuda, new ArrayList<>(processors), "asked for");
  }

  /** What is wrong with the words, whatever the machine. */
  public static void check(List<String> words, Faults faults) {
    String got = "got '" + String.join(",", words) + "', ";
    if (!words.stream().allMatch(word -> WORD.matcher(word).matches())) {
      faults.add("--device", "unknown; " + got + EXPECTED);
    } else if (words.size() > 1 && words.contains("cpu")) {
      faults.add("--device", got + "expected the CPU or GPUs: their results differ in rounding");
    } else if (new HashSet<>(words).size() < words.size()) {
      faults.add("--device", got + "expected each GPU once");
    }
  }

  private static void requireUsable(Cuda cuda, String more) {
    if (!cuda.obstacles().isEmpty()) {
      throw new EngineException(
          "CUDA cannot be used: "
              + String.join("; ", cuda.obstacles())
              + more
              + " ('steersweep doctor' says more)");
    }
  }

  private static DeviceChoice onCpu(String reason) {
    return new DeviceChoice(List.of(Processor.CPU), "", reason);
  }

  private static DeviceChoice onCuda(Cuda cuda, List<Processor> processors, String reason) {
    return new DeviceChoice(processors, cuda.driver().describe() + ", " + cuda.version(), reason);
  }

  /** What kind the graph is to be written for. */
  public Device device() {
    return processors.get(0).device();
  }

  /** {@code cuda:0,cuda:1}. */
  public String words() {
    return processors.stream().map(Processor::word).collect(Collectors.joining(","));
  }

  /** {@code cuda:0 (NVIDIA H200, driver 580.65.06, CUDA 13): asked for}. */
  public String describe() {
    return words() + (name.isEmpty() ? "" : " (" + name + ")") + ": " + reason;
  }
}
