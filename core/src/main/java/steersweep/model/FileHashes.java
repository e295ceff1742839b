package steersweep.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes of whole files ({@link ContentHash}), those of large ones kept in a folder, one small file
 * each, with what the file system says of the file: size, times of last modification and change,
 * device and inode. As long as all of these are the same, a large file is read once. Safe to share
 * between threads, and the folder between processes.
 */
public final class FileHashes {
  /** Told before a large file is read. */
  public interface Listener {
    void reading(Path file, long bytes);
  }

  private static final Logger LOG = LoggerFactory.getLogger(FileHashes.class);

  /** Smaller files are read each time. */
  private static final long LARGE = 1 << 20;

  /** To be counted up when the same content would have another hash. */
  private static final String VERSION = "1";

  private final Path folder;
  private final Listener listener;
  private final Map<Path, String> known = new ConcurrentHashMap<>();

  /**
   * @param cache hashes are kept in a folder in it, made if missing; where it cannot be written,
   *     they are kept as long as this object is
   */
  public FileHashes(Path cache, Listener listener) {
    this.folder = cache.resolve("hashes");
    this.listener = listener;
  }

  /** Kept in this user's cache. */
  public static FileHashes ofThisUser(Listener listener) {
    return new FileHashes(CacheFolder.ofThisUser(), listener);
  }

  /**
   * @return {@value ContentHash#DIGITS} hexadecimal digits
   * @throws IOException when the file cannot be read, or changes while it is
   */
  public String of(Path file) throws IOException {
    Path real = file.toRealPath();
    if (!Files.isRegularFile(real)) {
      throw new IOException(file + ": not a file");
    }
    String state = state(real);
    if (Files.size(real) < LARGE) {
      return ContentHash.of(real);
    }
    String found = find(real, state);
    if (found != null) {
      return found;
    }
    Instant start = Instant.now();
    listener.reading(file, Files.size(real));
    String hash = ContentHash.of(real);
    if (!state(real).equals(state)) {
      throw new IOException(file + ": changed while it was read");
    }
    if (settled(real, start)) {
      keep(real, state, hash);
    }
    return hash;
  }

  /** Takes over the hash of a file that this process has just written, so that none reads it. */
  public void keep(Path file, String hash) throws IOException {
    Path real = file.toRealPath();
    keep(real, state(real), hash);
  }

  private void keep(Path real, String state, String hash) {
    String line = state + " " + hash;
    known.put(real, line);
    Path file = file(real);
    Path temporary = file.resolveSibling("." + UUID.randomUUID() + ".tmp");
    try {
      Files.createDirectories(folder);
      Files.writeString(temporary, line);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.info("{}: hashes are not kept: {}", folder, e.toString());
    }
  }

  private @Nullable String find(Path real, String state) {
    String line = known.getOrDefault(real, "");
    if (!line.startsWith(state + " ")) {
      line = read(file(real));
    }
    String hash = line.startsWith(state + " ") ? line.substring(state.length() + 1) : "";
    return hash.matches("[0-9a-f]{" + ContentHash.DIGITS + "}") ? hash : null;
  }

  /** Empty where nothing is kept, or nothing that was written here. */
  private static String read(Path file) {
    try {
      boolean small = Files.isRegularFile(file) && Files.size(file) < LARGE;
      return small ? Files.readString(file) : "";
    } catch (IOException e) {
      return "";
    }
  }

  private Path file(Path real) {
    ContentHash ofName = new ContentHash();
    ofName.updateText(real.toString());
    return folder.resolve(ofName.digits());
  }

  /** All that tells in a moment that a file is not what it was. */
  static String state(Path real) throws IOException {
    BasicFileAttributes of = Files.readAttributes(real, BasicFileAttributes.class);
    return "%s %d %d %d %s"
        .formatted(
            VERSION,
            of.size(),
            of.lastModifiedTime().to(TimeUnit.NANOSECONDS),
            changed(real).to(TimeUnit.NANOSECONDS),
            String.valueOf(of.fileKey()).replace(' ', '_'));
  }

  /** Nobody can set this one back; the time of last modification where there is none. */
  private static FileTime changed(Path real) throws IOException {
    try {
      return (FileTime) Files.getAttribute(real, "unix:ctime");
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return Files.getLastModifiedTime(real);
    }
  }

  /**
   * Whether a change after {@code start} would have to show in the file's times: those written a
   * tick of the file system's clock ago may be written again without it.
   */
  private static boolean settled(Path real, Instant start) throws IOException {
    Instant written = changed(real).toInstant();
    Instant modified = Files.getLastModifiedTime(real).toInstant();
    written = modified.isAfter(written) ? modified : written;
    Duration tick = written.getNano() == 0 ? Duration.ofSeconds(2) : Duration.ofMillis(50);
    return written.plus(tick).isBefore(start);
  }
}
