package steersweep.model;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * Processor time of this process, all threads together: how much was done, however many other
 * programs share the machine.
 */
public final class ProcessorTime {
  private ProcessorTime() {}

  /** Seconds since the process began; 0 where the platform does not say. */
  public static double seconds() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? Math.max(0, system.getProcessCpuTime()) / 1e9
        : 0;
  }
}
