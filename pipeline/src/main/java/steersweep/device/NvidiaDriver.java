package steersweep.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * NVIDIA's kernel driver and the GPUs that it shows.
 *
 * @param present whether there is one
 * @param version its version; empty where the machine does not tell
 * @param gpus their names, {@code NVIDIA GPU} where the machine does not tell
 * @param visible how many of them CUDA shows to this process, by {@code CUDA_VISIBLE_DEVICES}; 1
 *     where nothing tells, so that CUDA itself has to
 */
public record NvidiaDriver(boolean present, String version, List<String> gpus, int visible) {
  private static final String UNNAMED = "NVIDIA GPU";

  /** What shows that there is a driver, not only its library: the last is that of WSL. */
  static final List<String> SIGNS =
      List.of("/dev/nvidiactl", "/proc/driver/nvidia/version", "/dev/dxg");

  private static final Pattern VERSION =
      Pattern.compile("Kernel Module.*?\\s([0-9]+(?:\\.[0-9]+)+)\\s");
  private static final Pattern MODEL = Pattern.compile("(?m)^Model:\\s*(.+?)\\s*$");
  private static final Pattern LISTED = Pattern.compile("(?m)^GPU [0-9]+: (.+?) \\(UUID");

  public NvidiaDriver {
    gpus = List.copyOf(gpus);
  }

  static NvidiaDriver of(Host host) {
    if (SIGNS.stream().noneMatch(host::exists)) {
      return new NvidiaDriver(false, "", List.of(), 0);
    }
    List<String> gpus = gpus(host);
    return new NvidiaDriver(true, version(host), gpus, visible(host, gpus.size()));
  }

  private static String version(Host host) {
    Matcher matcher = VERSION.matcher(host.text("/proc/driver/nvidia/version").orElse(""));
    if (matcher.find()) {
      return matcher.group(1);
    }
    return host.run("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader")
        .flatMap(text -> text.lines().findFirst())
        .map(String::strip)
        .orElse("");
  }

  /** A container may show fewer device files than the kernel has GPUs: they have the last word. */
  private static List<String> gpus(Host host) {
    long files = host.names("/dev").stream().filter(name -> name.matches("nvidia[0-9]+")).count();
    List<String> named = new ArrayList<>();
    host.run("nvidia-smi", "-L").ifPresent(text -> addAll(LISTED, text, named));
    if (named.isEmpty()) {
      for (String gpu : host.names("/proc/driver/nvidia/gpus")) {
        Optional<String> text = host.text("/proc/driver/nvidia/gpus/" + gpu + "/information");
        text.ifPresent(information -> addAll(MODEL, information, named));
      }
    }
    while (named.size() < files) {
      named.add(UNNAMED);
    }
    return files == 0 ? named : named.subList(0, Math.toIntExact(files));
  }

  private static void addAll(Pattern pattern, String text, List<String> names) {
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
  }

  /** As CUDA reads it: a list of numbers or ids, of which the first unusable one ends the list. */
  private static int visible(Host host, int gpus) {
    String chosen = host.environment().get("CUDA_VISIBLE_DEVICES");
    if (chosen == null) {
      return Math.max(1, gpus);
    }
    return Math.toIntExact(
        Arrays.stream(chosen.split(",", -1))
            .map(String::strip)
            .takeWhile(id -> !id.isEmpty() && !id.startsWith("-"))
            .count());
  }

  /** {@code NVIDIA H200, driver 580.65.06}. */
  String describe() {
    String name = gpus.isEmpty() ? UNNAMED : String.join(", ", gpus.stream().distinct().toList());
    return name + ", driver " + (version.isEmpty() ? "of unknown version" : version);
  }
}
