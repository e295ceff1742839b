package steersweep.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether this build can run on this machine's GPUs, and what is missing where it cannot.
 *
 * @param builtIn whether this build's ONNX Runtime has CUDA
 * @param driver the kernel's driver
 * @param libraries NVIDIA's libraries that the runtime is linked to; empty if it has no CUDA
 */
public record Cuda(boolean builtIn, NvidiaDriver driver, List<Library> libraries) {
  private static final String PROVIDER = "libonnxruntime_providers_cuda.so";
  private static final Pattern RUNTIME = Pattern.compile("libcudart\\.so\\.([0-9]+)");

  /**
   * @param found where it is; empty if it is nowhere
   */
  public record Library(String name, Optional<Path> found) {}

  public Cuda {
    libraries = List.copyOf(libraries);
  }

  /**
   * @param natives folder of the runtime's libraries, where it is known
   * @param builtIn what the runtime says
   */
  public static Cuda of(Host host, Optional<Path> natives, boolean builtIn) {
    return new Cuda(
        builtIn,
        NvidiaDriver.of(host),
        natives.map(folder -> libraries(host, folder)).orElse(List.of()));
  }

  private static List<Library> libraries(Host host, Path folder) {
    Path provider = folder.resolve(PROVIDER);
    if (!Files.isRegularFile(provider)) {
      return List.of();
    }
    List<Library> libraries = new ArrayList<>();
    try {
      SharedLibrary asking = SharedLibrary.read(provider);
      LibrarySearch search = new LibrarySearch(host);
      for (String name : asking.needed()) {
        if (name.startsWith("libcu")) { // the others are the system's own
          libraries.add(new Library(name, search.find(name, asking, folder)));
        }
      }
    } catch (IOException e) {
      libraries.add(new Library(provider + " (" + e.getMessage() + ")", Optional.empty()));
    }
    return libraries;
  }

  /** The CUDA version that the build is for, {@code CUDA 12}; {@code CUDA} if it cannot be told. */
  public String version() {
    for (Library library : libraries) {
      Matcher matcher = RUNTIME.matcher(library.name());
      if (matcher.matches()) {
        return "CUDA " + matcher.group(1);
      }
    }
    return "CUDA";
  }

  public List<String> missing() {
    return libraries.stream()
        .filter(library -> library.found().isEmpty())
        .map(Library::name)
        .toList();
  }

  /** All that keeps CUDA from being used, one reason each; empty if nothing is known. */
  public List<String> obstacles() {
    List<String> obstacles = new ArrayList<>();
    if (!builtIn) {
      obstacles.add("this build has no CUDA: 'make build GPU=1' makes one that has");
    }
    if (!driver.present()) {
      obstacles.add("no NVIDIA driver: none of " + String.join(", ", NvidiaDriver.SIGNS));
    } else if (driver.visible() == 0) {
      obstacles.add("CUDA_VISIBLE_DEVICES hides all GPUs");
    }
    if (!missing().isEmpty()) {
      obstacles.add(
          String.join(", ", missing())
              + " not found, in LD_LIBRARY_PATH or where the system's loader looks; this build is for "
              + version());
    }
    return obstacles;
  }
}
