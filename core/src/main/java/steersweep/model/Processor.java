package steersweep.model;

import java.io.Serializable;

/**
 * One processor that a model runs on: the CPU, or one of a machine's GPUs.
 *
 * @param device what kind it is
 * @param number of a GPU, as CUDA counts them; 0 for the CPU
 */
public record Processor(Device device, int number) implements Serializable {
  public static final Processor CPU = new Processor(Device.CPU, 0);

  public Processor {
    if (number < 0 || device == Device.CPU && number != 0) {
      throw new IllegalArgumentException("there is no " + device + " number " + number);
    }
  }

  public static Processor cuda(int number) {
    return new Processor(Device.CUDA, number);
  }

  /** {@code cpu} or {@code cuda:0}, as the option has it. */
  public String word() {
    return switch (device) {
      case CPU -> "cpu";
      case CUDA -> "cuda:" + number;
    };
  }
}
