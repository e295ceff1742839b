package steersweep.result;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second process off a run folder. The file says who holds it, and is empty while nobody
 * does. The operating system's lock on that file ends with its process, so that a killed process
 * leaves nothing to clean up; where a file system knows no such locks, what stands in the file
 * decides.
 */
public final class RunLock implements AutoCloseable {
  /** Where the locked byte is: behind the text, which others must be able to read. */
  private static final long LOCKED_BYTE = 1L << 40;

  private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);

  private final FileChannel channel;
  private final @Nullable FileLock lock;

  private RunLock(FileChannel channel, @Nullable FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Who holds a run folder.
   *
   * @param host name of the machine
   * @param pid process id there
   * @param started when that process was started, UTC; tells it from a later one with the same id
   * @param since when the folder was taken, UTC
   */
  public record Holder(String host, long pid, String started, String since) {
    static Holder ofThisProcess() {
      return new Holder(
          hostName(),
          ProcessHandle.current().pid(),
          started(ProcessHandle.current()),
          Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    private boolean here() {
      return host.equals(hostName());
    }

    /** Whether that very process still runs on this machine. */
    private boolean runsHere() {
      return here()
          && ProcessHandle.of(pid)
              .filter(ProcessHandle::isAlive)
              .filter(process -> started(process).equals(started))
              .isPresent();
    }

    private static String started(ProcessHandle process) {
      return process.info().startInstant().map(Instant::toString).orElse("unknown");
    }

    private static String hostName() {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "unknown";
      }
    }
  }

  /**
   * @param file made if missing; its folder must be there
   * @throws IOException when another process holds it, and says which; also when the file cannot be
   *     written
   */
  public static RunLock take(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException(file + ": not a file; expected the run's lock");
    }
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = lock(file, channel);
      Optional<Holder> holder = holder(file);
      if (holder.isPresent() && !holder.get().here()) {
        throw inUse(file, "; if it is gone, delete " + file);
      }
      if (holder.isPresent() && holder.get().runsHere()) {
        throw inUse(file, "");
      }
      write(channel, Json.text(Holder.ofThisProcess()));
      return new RunLock(channel, lock);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Who holds the file, as far as it says; a process that was killed may still stand in it. */
  public static Optional<Holder> holder(Path file) throws IOException {
    return Files.exists(file) && Files.size(file) > 0
        ? Optional.of(Json.read(file, Holder.class))
        : Optional.empty();
  }

  /** Null where the file system has no locks. */
  private static @Nullable FileLock lock(Path file, FileChannel channel) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock(LOCKED_BYTE, 1, false);
    } catch (OverlappingFileLockException e) {
      throw inUse(file, "");
    } catch (IOException e) {
      LOG.info("{}: cannot be locked, its text decides: {}", file, e.toString());
      return null;
    }
    if (lock == null) {
      throw inUse(file, "");
    }
    return lock;
  }

  private static IOException inUse(Path file, String advice) throws IOException {
    String by =
        holder(file)
            .map(
                holder ->
                    "process %d on %s since %s"
                        .formatted(holder.pid(), holder.host(), holder.since()))
            .orElse("another process");
    return new IOException(file.getParent() + ": in use by " + by + advice);
  }

  private static void write(FileChannel channel, String text) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
    channel.force(true);
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      channel.truncate(0);
      if (lock != null) {
        lock.release();
      }
    }
  }
}
