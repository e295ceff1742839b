package steersweep.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Made-up jars; that the runtime's own jar is used is seen by whole commands. */
class NativeLibrariesTest {
  private static final Map<String, String> CONTENT =
      new TreeMap<>(
          Map.of(
              "META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nImplementation-Version: 1.29.0\n",
              "ai/onnxruntime/native/linux-x64/liba.so", "first",
              "ai/onnxruntime/native/linux-x64/libb.so", "second",
              "ai/onnxruntime/native/linux-x64/liba.so.dSYM/symbols", "no library",
              "ai/onnxruntime/native/win-x64/a.dll", "another platform"));

  @TempDir Path folder;

  private Path jar(Map<String, String> content) throws IOException {
    Path jar = Files.createTempFile(folder, "runtime", ".jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, String> entry : content.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return jar;
  }

  private Path cache() {
    return folder.resolve("cache");
  }

  private Path unpack(Path jar) throws IOException {
    return NativeLibraries.unpack(jar, "linux-x64", cache()).orElseThrow();
  }

  private static List<String> names(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void thePlatformsLibrariesAreUnpackedOnce() throws IOException {
    Path jar = jar(CONTENT);

    Path unpacked = unpack(jar);

    assertThat(unpacked.getParent()).isEqualTo(cache());
    assertThat(unpacked.getFileName().toString()).matches("onnxruntime-1\\.29\\.0-[0-9a-f]{12}");
    assertThat(names(unpacked)).containsExactly("liba.so", "libb.so");
    assertThat(unpacked.resolve("libb.so")).hasContent("second");
    Object before = Files.getLastModifiedTime(unpacked.resolve("liba.so"));
    assertThat(unpack(jar)).isEqualTo(unpacked);
    assertThat(Files.getLastModifiedTime(unpacked.resolve("liba.so"))).isEqualTo(before);
    assertThat(names(cache())).hasSize(1);
  }

  @Test
  void otherLibrariesGoIntoAnotherFolder() throws IOException {
    Map<String, String> other = new TreeMap<>(CONTENT);
    other.put("ai/onnxruntime/native/linux-x64/libb.so", "2econd");

    assertThat(unpack(jar(other))).isNotEqualTo(unpack(jar(CONTENT)));
  }

  @Test
  void aDamagedFolderIsReplaced() throws IOException {
    Path jar = jar(CONTENT);
    Path unpacked = unpack(jar);
    Files.writeString(unpacked.resolve("liba.so"), "fi");
    Files.delete(unpacked.resolve("libb.so"));

    assertThat(unpack(jar)).isEqualTo(unpacked);
    assertThat(unpacked.resolve("liba.so")).hasContent("first");
    assertThat(unpacked.resolve("libb.so")).hasContent("second");
    assertThat(names(cache())).hasSize(1);
  }

  @Test
  void manyAtOnceAllFindAllOfIt() throws Exception {
    Map<String, String> large = new TreeMap<>(CONTENT);
    large.put("ai/onnxruntime/native/linux-x64/liba.so", "x".repeat(3_000_000));
    Path jar = jar(large);
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<Long>> sizes = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        sizes.add(pool.submit(() -> Files.size(unpack(jar).resolve("liba.so"))));
      }
      for (Future<Long> size : sizes) {
        assertThat(size.get()).isEqualTo(3_000_000);
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(names(cache())).hasSize(1);
  }

  @Test
  void aJarWithoutLibrariesForThePlatformLeavesNothingBehind() throws IOException {
    Optional<Path> unpacked = NativeLibraries.unpack(jar(CONTENT), "linux-riscv", cache());

    assertThat(unpacked).isEmpty();
    assertThat(cache()).doesNotExist();
  }

  @Test
  void aFolderThatTheUserNamedIsTaken() {
    String before = System.getProperty(NativeLibraries.PROPERTY);
    System.setProperty(NativeLibraries.PROPERTY, "/opt/natives");
    try {
      assertThat(NativeLibraries.use(cache())).contains(Path.of("/opt/natives"));
      assertThat(cache()).doesNotExist();
    } finally {
      if (before == null) {
        System.clearProperty(NativeLibraries.PROPERTY);
      } else {
        System.setProperty(NativeLibraries.PROPERTY, before);
      }
    }
  }

  @Test
  void whereTheCacheCannotBeWrittenTheRuntimeUnpacksForItself() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThat(NativeLibraries.use(file.resolve("cache"))).isEmpty();
    assertThat(System.getProperty(NativeLibraries.PROPERTY)).isNull();
  }
}
