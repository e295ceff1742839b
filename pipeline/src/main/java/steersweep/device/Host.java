package steersweep.device;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The machine, as far as the search for devices looks at it; tests make one up.
 *
 * @param root what absolute paths are meant to begin with
 * @param environment environment variables
 * @param commands runs a command, and gives its standard output, or nothing if it failed
 */
public record Host(
    Path root, Map<String, String> environment, Function<List<String>, Optional<String>> commands) {
  private static final long COMMAND_SECONDS = 20;
  private static final long KIB = 1024;

  public Host {
    environment = Map.copyOf(environment);
  }

  /** This machine. */
  public static Host here() {
    return new Host(Path.of("/"), System.getenv(), Host::output);
  }

  /** Where an absolute path of the machine is to be looked for. */
  Path path(String absolute) {
    return root.resolve(absolute.substring(1));
  }

  boolean exists(String absolute) {
    return Files.exists(path(absolute));
  }

  /** Text of a file; nothing if it is not there or cannot be read. */
  Optional<String> text(String absolute) {
    try {
      return Optional.of(Files.readString(path(absolute)));
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  /** Names in a folder in their order; none if it is not there. */
  List<String> names(String absolute) {
    try (Stream<Path> files = Files.list(path(absolute))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException absent) {
      return List.of();
    }
  }

  /** In bytes. */
  public record Memory(long total, long available) {}

  /** The machine's memory, where Linux tells. */
  public Optional<Memory> memory() {
    String text = text("/proc/meminfo").orElse("");
    Matcher total = Pattern.compile("MemTotal:\\s+([0-9]+) kB").matcher(text);
    Matcher available = Pattern.compile("MemAvailable:\\s+([0-9]+) kB").matcher(text);
    return total.find() && available.find()
        ? Optional.of(
            new Memory(
                KIB * Long.parseLong(total.group(1)), KIB * Long.parseLong(available.group(1))))
        : Optional.empty();
  }

  /** Memory in use on all GPUs together, in MiB, where the driver's tool tells. */
  public Optional<Long> gpuMemory() {
    return run("nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits")
        .map(text -> text.lines().map(String::strip).mapToLong(Long::parseLong).sum());
  }

  Optional<String> run(String... command) {
    return commands.apply(List.of(command));
  }

  private static Optional<String> output(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean ended = process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS);
      return ended && process.exitValue() == 0 ? Optional.of(text) : Optional.empty();
    } catch (IOException notInstalled) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
