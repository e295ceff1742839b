package steersweep.device;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime's native libraries, unpacked from its jar into a cache folder once. Left alone, the
 * runtime unpacks them into the temporary folder at every start: 600 MB for a CUDA build.
 */
public final class NativeLibraries {
  /** The runtime's own property: a folder to load its libraries from instead of unpacking. */
  public static final String PROPERTY = "onnxruntime.native.path";

  private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);
  private static final int HASH_DIGITS = 12;

  private NativeLibraries() {}

  /**
   * Makes the runtime load its libraries from the cache, unless it was told another folder. To be
   * called before anything else of the runtime; where the cache cannot be written, the runtime
   * unpacks for itself, as it would without us.
   *
   * @param cache folder for the unpacked libraries, made if missing
   * @return where the runtime finds its libraries; nothing where it unpacks for itself
   */
  public static synchronized Optional<Path> use(Path cache) {
    String chosen = System.getProperty(PROPERTY);
    if (chosen != null) {
      return Optional.of(Path.of(chosen));
    }
    Path jar = jar();
    if (jar == null) {
      return Optional.empty();
    }
    try {
      Optional<Path> folder = unpack(jar, platform(), cache);
      folder.ifPresent(path -> System.setProperty(PROPERTY, path.toString()));
      return folder;
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("native libraries are not cached: {}", e.toString());
      return Optional.empty();
    }
  }

  private static @Nullable Path jar() {
    CodeSource source = OrtEnvironment.class.getProtectionDomain().getCodeSource();
    try {
      Path jar = source == null ? null : Path.of(source.getLocation().toURI());
      return jar != null && Files.isRegularFile(jar) ? jar : null;
    } catch (URISyntaxException | IllegalArgumentException notAFile) {
      return null;
    }
  }

  /** The runtime's name of this platform, a folder of its jar. */
  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch");
    String systemWord = system.contains("mac") ? "osx" : system.contains("win") ? "win" : "linux";
    String processorWord =
        processor.equals("amd64") || processor.equals("x86_64") ? "x64" : processor;
    return systemWord + "-" + processorWord;
  }

  /**
   * Unpacks a jar's libraries into a folder of the cache that is named after version and content,
   * if it is not there; it appears by rename, so that several processes may do this at once.
   *
   * @return the folder; nothing if the jar has no libraries for the platform
   */
  static Optional<Path> unpack(Path jar, String platform, Path cache) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      List<? extends ZipEntry> libraries = libraries(zip, platform);
      if (libraries.isEmpty()) {
        return Optional.empty();
      }
      Path folder = cache.resolve("onnxruntime-" + version(zip) + hash(libraries));
      if (!complete(folder, libraries)) {
        Files.createDirectories(cache);
        Path temporary = Files.createTempDirectory(cache, ".onnxruntime-");
        try {
          for (ZipEntry library : libraries) {
            try (InputStream content = zip.getInputStream(library)) {
              Files.copy(content, temporary.resolve(name(library)));
            }
          }
          publish(temporary, folder, libraries);
        } finally {
          delete(temporary);
        }
      }
      return Optional.of(folder);
    }
  }

  private static List<? extends ZipEntry> libraries(ZipFile zip, String platform) {
    String prefix = "ai/onnxruntime/native/" + platform + "/";
    return zip.stream()
        .filter(entry -> entry.getName().startsWith(prefix) && !entry.isDirectory())
        .filter(entry -> entry.getName().indexOf('/', prefix.length()) < 0) // no debug symbols
        .sorted(Comparator.comparing(ZipEntry::getName))
        .toList();
  }

  private static String name(ZipEntry library) {
    return library.getName().substring(library.getName().lastIndexOf('/') + 1);
  }

  private static String version(ZipFile zip) throws IOException {
    ZipEntry manifest = zip.getEntry("META-INF/MANIFEST.MF");
    if (manifest == null) {
      return "";
    }
    try (InputStream content = zip.getInputStream(manifest)) {
      String version = new Manifest(content).getMainAttributes().getValue("Implementation-Version");
      return version == null ? "" : version + "-";
    }
  }

  /** Of the checksums that the jar holds: nothing has to be unpacked for it. */
  private static String hash(List<? extends ZipEntry> libraries) {
    StringBuilder all = new StringBuilder();
    for (ZipEntry library : libraries) {
      all.append(library.getName()).append(' ').append(library.getSize()).append(' ');
      all.append(library.getCrc()).append('\n');
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] hash = digest.digest(all.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, HASH_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Sizes, not content: that would have to be read, and a rename comes after all was written. */
  private static boolean complete(Path folder, List<? extends ZipEntry> libraries)
      throws IOException {
    for (ZipEntry library : libraries) {
      Path file = folder.resolve(name(library));
      if (!Files.isRegularFile(file) || Files.size(file) != library.getSize()) {
        return false;
      }
    }
    return true;
  }

  private static void publish(Path temporary, Path folder, List<? extends ZipEntry> libraries)
      throws IOException {
    try {
      Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      replace(temporary, folder, libraries);
    } catch (IOException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
      replace(temporary, folder, libraries);
    }
  }

  /** Another process was faster, or what is there is damaged. */
  private static void replace(Path temporary, Path folder, List<? extends ZipEntry> libraries)
      throws IOException {
    if (!complete(folder, libraries)) {
      Path damaged = Files.createTempDirectory(folder.getParent(), ".onnxruntime-");
      Files.move(folder, damaged.resolve("damaged"), StandardCopyOption.ATOMIC_MOVE);
      delete(damaged);
      Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      files.forEach(all::add);
    }
    for (int i = all.size() - 1; i >= 0; i--) {
      Files.delete(all.get(i));
    }
  }
}
