package steersweep.cli;

import java.nio.file.Path;
import java.util.List;

/** The command in a process of its own, as the shell would start it. */
final class CommandProcess {
  private CommandProcess() {}

  /**
   * @param options of Java
   */
  static ProcessBuilder of(List<String> options, String... args) {
    ProcessBuilder builder = new ProcessBuilder();
    builder.command().add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    builder.command().addAll(List.of("-XX:TieredStopAtLevel=1", "-Dai.djl.offline=true"));
    builder.command().addAll(options);
    builder.command().add(Main.class.getName());
    builder.command().addAll(List.of(args));
    // ONNX Runtime's telemetry overflows its stack on a long command line: no -cp
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    return builder;
  }
}
