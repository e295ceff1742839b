package steersweep.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Made-up machines: with and without driver, libraries here and there. */
class CudaTest {
  private static final String PROVIDER = "libonnxruntime_providers_cuda.so";

  @TempDir Path root;
  private Path natives;
  private MadeUpHost machine;

  @BeforeEach
  void machine() throws IOException {
    machine = new MadeUpHost(root);
    natives = root.resolve("cache/natives");
    MadeUpHost.library(
        natives.resolve(PROVIDER),
        "$ORIGIN/../nvidia",
        "libcublasLt.so.12",
        "libcudart.so.12",
        "libcuda.so.1",
        "libc.so.6");
  }

  private Cuda cuda() {
    return Cuda.of(machine.host(), Optional.of(natives), true);
  }

  @Test
  void everyMissingLibraryIsNamedAndTheVersionThatTheBuildIsFor() throws IOException {
    machine.gpus(1);

    assertThat(cuda().version()).isEqualTo("CUDA 12");
    assertThat(cuda().missing())
        .containsExactly("libcublasLt.so.12", "libcudart.so.12", "libcuda.so.1");
    assertThat(cuda().obstacles())
        .containsExactly(
            "libcublasLt.so.12, libcudart.so.12, libcuda.so.1 not found, in LD_LIBRARY_PATH or where"
                + " the system's loader looks; this build is for CUDA 12");
  }

  @Test
  void librariesAreFoundWhereTheLoaderLooks() throws IOException {
    Files.createDirectories(natives.resolveSibling("nvidia"));
    Files.writeString(natives.resolve("../nvidia/libcublasLt.so.12"), "");
    machine
        .gpus(1)
        .environment("LD_LIBRARY_PATH", "/nowhere:/opt/cuda/lib")
        .file("/opt/cuda/lib/libcudart.so.12", "")
        .file("/usr/lib/x86_64-linux-gnu/libcuda.so.1", "")
        .command(
            """
            3 libs found in cache `/etc/ld.so.cache'
            \tlibcuda.so.1 (libc6) => /usr/lib/i386-linux-gnu/libcuda.so.1
            \tlibcuda.so.1 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libcuda.so.1
            """,
            "/sbin/ldconfig",
            "-p");

    assertThat(cuda().obstacles()).isEmpty();
    assertThat(cuda().libraries())
        .extracting(library -> library.found().orElseThrow())
        .containsExactly(
            natives.resolve("../nvidia/libcublasLt.so.12"),
            root.resolve("opt/cuda/lib/libcudart.so.12"),
            root.resolve("usr/lib/x86_64-linux-gnu/libcuda.so.1"));
  }

  @Test
  void aLibraryThatTheLoadersCacheOnlyRemembersIsMissing() throws IOException {
    machine
        .gpus(1)
        .command("\tlibcudart.so.12 (libc6,x86-64) => /gone/libcudart.so.12\n", "ldconfig", "-p");

    assertThat(cuda().missing()).contains("libcudart.so.12");
  }

  @Test
  void withoutDriverThatIsSaid() {
    assertThat(cuda().obstacles().get(0))
        .isEqualTo(
            "no NVIDIA driver: none of /dev/nvidiactl, /proc/driver/nvidia/version, /dev/dxg");
  }

  @Test
  void aBuildWithoutCudaIsSaidFirst() throws IOException {
    machine.gpus(1);
    Files.delete(natives.resolve(PROVIDER));

    Cuda cuda = Cuda.of(machine.host(), Optional.of(natives), false);

    assertThat(cuda.libraries()).isEmpty();
    assertThat(cuda.obstacles())
        .containsExactly("this build has no CUDA: 'make build GPU=1' makes one that has");
  }

  @Test
  void aProviderThatIsDamagedIsNamed() throws IOException {
    machine.gpus(1);
    Files.writeString(natives.resolve(PROVIDER), "x".repeat(100));

    assertThat(cuda().missing())
        .containsExactly(
            "%1$s (%1$s: not a shared library for 64 bits, little-endian)"
                .formatted(natives.resolve(PROVIDER)));
  }

  @Test
  void theDriversVersionAndGpusAreReadFromTheKernel() throws IOException {
    machine.gpus(2);

    NvidiaDriver driver = NvidiaDriver.of(machine.host());

    assertThat(driver)
        .isEqualTo(new NvidiaDriver(true, "580.65.06", List.of("NVIDIA H200", "NVIDIA H200"), 2));
    assertThat(driver.describe()).isEqualTo("NVIDIA H200, driver 580.65.06");
  }

  @Test
  void whereTheKernelDoesNotTellTheDriversToolDoes() throws IOException {
    machine
        .file("/dev/dxg", "")
        .command("GPU 0: NVIDIA GeForce RTX 4090 (UUID: GPU-5)\n", "nvidia-smi", "-L")
        .command("560.94\n", "nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader");

    assertThat(NvidiaDriver.of(machine.host()))
        .isEqualTo(new NvidiaDriver(true, "560.94", List.of("NVIDIA GeForce RTX 4090"), 1));
  }

  @Test
  void aDriverThatTellsNothingIsLeftToCuda() throws IOException {
    machine.file("/dev/nvidiactl", "");

    assertThat(NvidiaDriver.of(machine.host())).isEqualTo(new NvidiaDriver(true, "", List.of(), 1));
  }

  @Test
  void aContainerMayShowFewerGpusThanTheKernelHas() throws IOException {
    machine.gpus(4);
    for (int hidden : List.of(0, 1, 3)) {
      Files.delete(root.resolve("dev/nvidia" + hidden));
    }

    assertThat(NvidiaDriver.of(machine.host()).gpus()).hasSize(1);
  }

  @Test
  void cudaVisibleDevicesCountsUpToTheFirstThatIsNone() throws IOException {
    machine.gpus(4);

    assertThat(visible("2,0")).isEqualTo(2);
    assertThat(visible("0,-1,1")).isEqualTo(1);
    assertThat(visible("-1")).isZero();
    assertThat(visible("")).isZero();
    assertThat(visible("GPU-8932f937,GPU-1")).isEqualTo(2);
  }

  private int visible(String value) {
    return NvidiaDriver.of(machine.environment("CUDA_VISIBLE_DEVICES", value).host()).visible();
  }
}
