package steersweep.cli;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import steersweep.device.Cuda;
import steersweep.device.DeviceChoice;
import steersweep.device.Host;
import steersweep.device.NvidiaDriver;
import steersweep.engine.EngineException;
import steersweep.error.Faults;
import steersweep.model.CacheFolder;
import steersweep.model.Release;

/** Says what a sweep would run on here, and what is missing where it could not. */
@Command(
    name = "doctor",
    description = {
      "Show what a sweep would run on here: GPUs, driver, libraries, memory, disk.",
      "Where CUDA cannot be used, every library or driver that is missing is named. Exit code 0 when"
          + " a sweep can run."
    })
final class DoctorCommand implements Callable<Integer> {
  @Mixin private DeviceOption device;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Faults faults = new Faults();
    device.check(faults);
    faults.throwIfAny();
    Host host = Host.here();
    Optional<Path> natives = DeviceOption.natives();
    programs(natives);
    describe(DeviceOption.look(host));
    machine(host);
    folder("cache", CacheFolder.ofThisUser());
    folder("temporary", Path.of(System.getProperty("java.io.tmpdir")));
    try {
      DeviceChoice choice = device.choose(host);
      row("device", choice.describe());
      row("ready", "a sweep can run");
      return 0;
    } catch (EngineException e) {
      row("not ready", String.valueOf(e.getMessage()));
      return Main.OUR_FAULT;
    }
  }

  private void row(String name, String value) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%-12s%s%n", name, value);
  }

  private void programs(Optional<Path> natives) {
    row("steersweep", Release.VERSION);
    row(
        "Java",
        String.join(
            " ",
            System.getProperty("java.version"),
            System.getProperty("java.vendor"),
            "on",
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch")));
    String providers =
        OrtEnvironment.getAvailableProviders().stream()
            .map(provider -> provider.getName().replace("ExecutionProvider", ""))
            .sorted()
            .collect(Collectors.joining(", "));
    row(
        "runtime",
        "ONNX Runtime "
            + OrtEnvironment.getEnvironment().getVersion()
            + ", built with "
            + providers
            + "; "
            + natives.map(folder -> "libraries in " + folder).orElse("unpacked at every start"));
  }

  /** What there is of CUDA; nothing of it is wrong by itself, since there is the CPU. */
  void describe(Cuda cuda) {
    NvidiaDriver driver = cuda.driver();
    row(
        "driver",
        driver.present()
            ? "NVIDIA " + (driver.version().isEmpty() ? "of unknown version" : driver.version())
            : "no NVIDIA driver");
    for (int i = 0; i < driver.gpus().size(); i++) {
      row("GPU", i + ": " + driver.gpus().get(i));
    }
    if (driver.present() && driver.visible() != Math.max(1, driver.gpus().size())) {
      row("visible", driver.visible() + " of them, by CUDA_VISIBLE_DEVICES");
    }
    if (cuda.builtIn()) {
      row("built for", cuda.version());
    } else if (driver.present()) {
      row("built for", "the CPU only: 'make build GPU=1' makes a build with CUDA");
    }
    for (Cuda.Library library : cuda.libraries()) {
      row(
          "library",
          library.name() + " " + library.found().map(Path::toString).orElse("is missing"));
    }
  }

  private void machine(Host host) {
    row("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    host.memory()
        .ifPresent(
            memory ->
                row(
                    "memory",
                    Quantity.withSpace(memory.total())
                        + "B, "
                        + Quantity.withSpace(memory.available())
                        + "B of it free"));
    row("Java heap", "at most " + Quantity.withSpace(Runtime.getRuntime().maxMemory()) + "B");
  }

  /** A folder that may not be there yet: what counts is the one it would be made in. */
  private void folder(String name, Path folder) {
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    String space;
    try {
      space = Quantity.withSpace(Files.getFileStore(there).getUsableSpace()) + "B free";
    } catch (IOException e) {
      space = "free space not known: " + e;
    }
    row(name, folder + ", " + (Files.isWritable(there) ? "" : "cannot be written, ") + space);
  }
}
