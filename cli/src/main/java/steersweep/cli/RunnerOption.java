package steersweep.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import steersweep.error.Faults;
import steersweep.sweep.FlinkCluster;

/** Where units are run: in this process, or on a cluster. */
final class RunnerOption {
  private static final String DIRECT = "direct";
  private static final String FLINK = "flink";

  @Option(
      names = "--runner",
      paramLabel = "NAME",
      defaultValue = DIRECT,
      description = "direct: in this process (default); flink: on a Flink cluster.")
  private String name;

  @Option(
      names = "--flink",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8081",
      description = "REST address of the Flink cluster (default: ${DEFAULT-VALUE}).")
  private String address;

  void check(Faults faults) {
    if (!List.of(DIRECT, FLINK).contains(name)) {
      faults.add("--runner", "unknown; got '" + name + "', expected direct or flink");
    }
    if (!address.matches("[A-Za-z0-9._-]+:[0-9]{1,5}")) {
      faults.add("--flink", "got '" + address + "', expected HOST:PORT");
    }
  }

  /** The cluster to run on; null for this process. */
  @Nullable FlinkCluster cluster() {
    return name.equals(FLINK) ? new FlinkCluster(address) : null;
  }
}
