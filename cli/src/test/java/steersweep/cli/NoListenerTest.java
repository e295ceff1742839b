package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A sweep answers nobody: it opens no socket that others could connect to. */
@EnabledOnOs(OS.LINUX)
class NoListenerTest {
  private static final String LISTEN = "0A";

  @TempDir Path folder;

  @Test
  void aListenerOfThisProcessIsSeen() throws IOException {
    Set<String> before = listeners();
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(socket.isBound()).isTrue();
      assertThat(listeners()).hasSize(before.size() + 1);
    }
  }

  @Test
  void aSweepOpensNone() throws Exception {
    Path model = TestCheckpoint.write(folder.resolve("model"));
    Path plan =
        Files.writeString(
            folder.resolve("plan.yaml"),
            """
            concepts: [{name: a, base_prompts: [I ate, We cook], steering_prompts: I am vegan.}]
            grid: {hook_points: [value, residual_post], layers: all, heads: [all, each], settings: [-5, 5]}
            """);
    Set<String> before = listeners();
    Set<String> opened = new TreeSet<>();
    CompletableFuture<CommandRun> sweep =
        CompletableFuture.supplyAsync(
            () ->
                CommandRun.of(
                    "sweep",
                    "--model",
                    model.toString(),
                    "--conf",
                    plan.toString(),
                    "--runs",
                    folder.resolve("runs").toString()));
    int looks = 0;
    while (!sweep.isDone()) {
      opened.addAll(listeners());
      looks++;
      Thread.sleep(2);
    }

    assertThat(sweep.get().code()).isZero();
    assertThat(looks).as("times looked while it ran").isGreaterThan(10);
    opened.removeAll(before);
    assertThat(opened).isEmpty();
  }

  /** Inodes of the listening sockets that this process holds. */
  private static Set<String> listeners() throws IOException {
    Set<String> listening = new HashSet<>();
    for (String table : List.of("tcp", "tcp6")) {
      Path file = Path.of("/proc/self/net", table);
      if (Files.exists(file)) {
        Files.readAllLines(file).stream()
            .skip(1)
            .map(line -> line.strip().split("\\s+"))
            .filter(columns -> columns[3].equals(LISTEN))
            .forEach(columns -> listening.add(columns[9]));
      }
    }
    Set<String> own = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          own.add(Files.readSymbolicLink(descriptor).toString());
        } catch (NoSuchFileException closedSince) {
          // not open any more
        }
      }
    }
    listening.removeIf(inode -> !own.contains("socket:[" + inode + "]"));
    return listening;
  }
}
