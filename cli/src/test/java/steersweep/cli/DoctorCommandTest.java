package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import steersweep.device.Cuda;
import steersweep.device.NvidiaDriver;

/** The whole command on this machine's CPU; what it says of GPUs on made-up machines. */
class DoctorCommandTest {
  @Test
  void whereThereIsACpuASweepCanRun() {
    CommandRun run = CommandRun.of("doctor", "--device", "cpu");

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("\nJava        " + System.getProperty("java.version") + " ")
        .contains("\nruntime     ONNX Runtime 1.29.0, built with ")
        .contains("libraries in " + System.getenv("XDG_CACHE_HOME") + "/steersweep/onnxruntime-")
        .contains("\ncache       " + System.getenv("XDG_CACHE_HOME") + "/steersweep, ")
        .contains("B free\n")
        .endsWith("\ndevice      cpu: asked for\nready       a sweep can run\n");
  }

  @Test
  void cudaThatCannotBeUsedIsSaidWithWhatIsMissing() {
    CommandRun run = CommandRun.of("doctor", "--device", "cuda");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).contains("\nnot ready   CUDA cannot be used: ");
    assertThat(run.out()).doesNotContain("\nready");
  }

  @Test
  void aDeviceThatIsNoneIsTheUsersFault() {
    CommandRun run = CommandRun.of("doctor", "--device", "tpu");

    assertThat(run.err())
        .isEqualTo(
            "error: --device: unknown; got 'tpu', expected cpu, cuda, cuda:N, cuda:all, or"
                + " cuda:N,cuda:M\n");
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void gpusLibrariesAndWhatIsMissingAreListed() {
    NvidiaDriver driver =
        new NvidiaDriver(true, "580.65.06", List.of("NVIDIA H200", "NVIDIA H200"), 1);
    List<Cuda.Library> libraries =
        List.of(
            new Cuda.Library("libcublas.so.13", Optional.of(Path.of("/opt/libcublas.so.13"))),
            new Cuda.Library("libcudart.so.13", Optional.empty()));

    assertThat(described(new Cuda(true, driver, libraries)))
        .isEqualTo(
            """
            driver      NVIDIA 580.65.06
            GPU         0: NVIDIA H200
            GPU         1: NVIDIA H200
            visible     1 of them, by CUDA_VISIBLE_DEVICES
            built for   CUDA 13
            library     libcublas.so.13 /opt/libcublas.so.13
            library     libcudart.so.13 is missing
            """);
  }

  @Test
  void aBuildWithoutCudaIsSaidWhereThereIsADriver() {
    NvidiaDriver driver = new NvidiaDriver(true, "", List.of(), 1);

    assertThat(described(new Cuda(false, driver, List.of())))
        .isEqualTo(
            """
            driver      NVIDIA of unknown version
            built for   the CPU only: 'make build GPU=1' makes a build with CUDA
            """);
    assertThat(described(new Cuda(false, new NvidiaDriver(false, "", List.of(), 0), List.of())))
        .isEqualTo("driver      no NVIDIA driver\n");
  }

  private static String described(Cuda cuda) {
    StringWriter out = new StringWriter();
    DoctorCommand doctor = new DoctorCommand();
    new CommandLine(doctor).setOut(new PrintWriter(out, true));
    doctor.describe(cuda);
    return out.toString();
  }
}
