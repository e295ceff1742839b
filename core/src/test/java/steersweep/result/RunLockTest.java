package steersweep.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.result.RunLock.Holder;

class RunLockTest {
  private static final String SINCE = "2026-01-02T03:04:05Z";

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("lock");
  }

  /** Holds the lock of a file until it is killed. */
  static final class HolderMain {
    private HolderMain() {}

    public static void main(String[] args) throws Exception {
      RunLock.take(Path.of(args[0]));
      System.out.println("taken");
      Thread.sleep(TimeUnit.MINUTES.toMillis(5));
    }
  }

  private Process holdElsewhere() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HolderMain.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.inputReader().readLine()).isEqualTo("taken");
    return process;
  }

  @Test
  void anotherProcessIsToldWhoHoldsItUntilThatIsKilled() throws Exception {
    Process process = holdElsewhere();
    try {
      assertThatThrownBy(() -> RunLock.take(file))
          .isInstanceOf(IOException.class)
          .hasMessageMatching(
              "%s: in use by process %d on %s since [-0-9]{10}T[0-9:]{8}Z"
                  .formatted(folder, process.pid(), host()));
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(RunLock.holder(file)).map(Holder::pid).contains(process.pid());

    try (RunLock taken = RunLock.take(file)) {
      assertThat(RunLock.holder(file)).map(Holder::pid).contains(ProcessHandle.current().pid());
    }
  }

  @Test
  void oneProcessTakesItOnceAtATime() throws IOException {
    try (RunLock first = RunLock.take(file)) {
      assertThatThrownBy(() -> RunLock.take(file)).hasMessageContaining(": in use by process ");
    }
    assertThat(RunLock.holder(file)).isEmpty();
    RunLock.take(file).close();
  }

  @Test
  void aHolderOnAnotherMachineIsBelieved() throws IOException {
    Json.write(file, new Holder("elsewhere", 7, SINCE, SINCE));

    assertThatThrownBy(() -> RunLock.take(file))
        .hasMessage(
            folder
                + ": in use by process 7 on elsewhere since "
                + SINCE
                + "; if it is gone, delete "
                + file);
  }

  @Test
  void aHolderThatRunsHereIsBelievedWithoutTheSystemsLock() throws Exception {
    ProcessHandle.Info info = ProcessHandle.current().info();
    String started = info.startInstant().orElseThrow().toString();
    Json.write(file, new Holder(host(), ProcessHandle.current().pid(), started, SINCE));

    assertThatThrownBy(() -> RunLock.take(file)).hasMessageContaining(": in use by process ");
  }

  @Test
  void aHolderWhoseProcessIdIsAnothersNowIsGone() throws Exception {
    Json.write(file, new Holder(host(), ProcessHandle.current().pid(), SINCE, SINCE));

    RunLock.take(file).close();

    assertThat(file).isEmptyFile();
  }

  @Test
  void aFolderThatIsGoneIsNamed() {
    Path gone = folder.resolve("gone").resolve("lock");

    assertThatThrownBy(() -> RunLock.take(gone)).hasMessageContaining(gone.toString());
    assertThat(Files.exists(gone)).isFalse();
  }

  private static String host() throws IOException {
    return InetAddress.getLocalHost().getHostName();
  }
}
