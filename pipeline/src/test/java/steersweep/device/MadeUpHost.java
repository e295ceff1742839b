package steersweep.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine in a folder, with files, environment and commands as a test wants them. */
final class MadeUpHost {
  private final Path root;
  private final Map<String, String> environment = new HashMap<>();
  private final Map<List<String>, String> commands = new HashMap<>();

  MadeUpHost(Path root) {
    this.root = root;
  }

  MadeUpHost file(String absolute, String text) throws IOException {
    Path file = root.resolve(absolute.substring(1));
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return this;
  }

  MadeUpHost environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  MadeUpHost command(String output, String... command) {
    commands.put(List.of(command), output);
    return this;
  }

  /** A driver, and device files of so many GPUs. */
  MadeUpHost gpus(int gpus) throws IOException {
    file("/dev/nvidiactl", "");
    file(
        "/proc/driver/nvidia/version",
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\n"
            + "GCC version:  gcc version 12.2.0\n");
    for (int i = 0; i < gpus; i++) {
      file("/dev/nvidia" + i, "");
      file(
          "/proc/driver/nvidia/gpus/0000:0" + i + ":00.0/information",
          "Model: \t\t NVIDIA H200\nIRQ:   \t\t 17\nGPU UUID: \t GPU-1\n");
    }
    return this;
  }

  Host host() {
    return new Host(root, environment, command -> Optional.ofNullable(commands.get(command)));
  }

  /**
   * The smallest shared library that says what it needs: header, two program headers, strings and
   * the dynamic section.
   */
  static Path library(Path file, String searched, String... needed) throws IOException {
    StringBuilder strings = new StringBuilder("\0");
    int tags = needed.length + 4;
    long dynamicAt = 64 + 2 * 56;
    long stringsAt = dynamicAt + tags * 16L;
    long address = 0x10000; // as loaded; not where it lies in the file
    ByteBuffer dynamic = ByteBuffer.allocate(tags * 16).order(ByteOrder.LITTLE_ENDIAN);
    for (String name : needed) {
      dynamic.putLong(1).putLong(strings.length());
      strings.append(name).append('\0');
    }
    dynamic.putLong(29).putLong(strings.length());
    strings.append(searched).append('\0');
    dynamic.putLong(5).putLong(address + stringsAt).putLong(10).putLong(strings.length());
    byte[] text = strings.toString().getBytes(StandardCharsets.UTF_8);
    long bytes = stringsAt + text.length;
    ByteBuffer all = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    all.putInt(0x464c457f).put((byte) 2).put((byte) 1);
    all.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 2);
    program(all, 64, 1, 0, address, bytes);
    program(all, 64 + 56, 2, dynamicAt, address + dynamicAt, tags * 16L);
    all.position((int) dynamicAt).put(dynamic.flip().limit(tags * 16)).put(text);
    Files.createDirectories(file.getParent());
    return Files.write(file, all.array());
  }

  private static void program(
      ByteBuffer all, int at, int type, long offset, long address, long bytes) {
    all.putInt(at, type).putLong(at + 8, offset).putLong(at + 16, address).putLong(at + 32, bytes);
  }
}
