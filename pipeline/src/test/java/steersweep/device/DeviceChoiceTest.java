package steersweep.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import steersweep.engine.EngineException;
import steersweep.error.Faults;
import steersweep.model.Device;

/** What is taken, and what is an error; no machine is looked at. */
class DeviceChoiceTest {
  private static final NvidiaDriver NONE = new NvidiaDriver(false, "", List.of(), 0);
  private static final NvidiaDriver TWO =
      new NvidiaDriver(true, "580.65.06", List.of("NVIDIA H200", "NVIDIA H200"), 2);
  private static final Cuda USABLE =
      new Cuda(true, TWO, List.of(new Cuda.Library("libcudart.so.12", Optional.of(Path.of("/c")))));
  private static final Cuda INCOMPLETE =
      new Cuda(true, TWO, List.of(new Cuda.Library("libcudart.so.12", Optional.empty())));

  @Test
  void theFirstGpuIsTakenWhereThereIsOne() {
    DeviceChoice choice = DeviceChoice.automatic(USABLE);

    assertThat(choice.device()).isEqualTo(Device.CUDA);
    assertThat(choice.describe())
        .isEqualTo("cuda:0 (NVIDIA H200, driver 580.65.06, CUDA 12): there is a GPU");
  }

  @Test
  void theCpuIsTakenElsewhereAndTheReasonSaid() {
    assertThat(DeviceChoice.automatic(new Cuda(true, NONE, List.of())).describe())
        .isEqualTo("cpu: no NVIDIA driver here");
    assertThat(DeviceChoice.automatic(new Cuda(false, TWO, List.of())).describe())
        .isEqualTo(
            "cpu: there is a GPU, but this build has no CUDA: 'make build GPU=1' makes one that"
                + " has");
    NvidiaDriver hidden = new NvidiaDriver(true, "580.65.06", TWO.gpus(), 0);
    assertThat(DeviceChoice.automatic(new Cuda(true, hidden, List.of())).describe())
        .isEqualTo("cpu: CUDA_VISIBLE_DEVICES hides all GPUs");
  }

  @Test
  void aGpuWhoseLibrariesAreMissingIsAnErrorAndNoReasonForTheCpu() {
    assertThatThrownBy(() -> DeviceChoice.automatic(INCOMPLETE))
        .isInstanceOf(EngineException.class)
        .hasMessage(
            "CUDA cannot be used: libcudart.so.12 not found, in LD_LIBRARY_PATH or where the"
                + " system's loader looks; this build is for CUDA 12; '--device cpu' does without"
                + " ('steersweep doctor' says more)");
    assertThatThrownBy(() -> DeviceChoice.asked(List.of("cuda:1"), INCOMPLETE))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("libcudart.so.12 not found");
    assertThat(DeviceChoice.asked(List.of("cpu"), INCOMPLETE).describe())
        .isEqualTo("cpu: asked for");
  }

  @Test
  void severalGpusAreTakenInTheOrderAskedFor() {
    assertThat(DeviceChoice.asked(List.of("cuda"), USABLE).words()).isEqualTo("cuda:0");
    assertThat(DeviceChoice.asked(List.of("cuda:1", "cuda:0"), USABLE).words())
        .isEqualTo("cuda:1,cuda:0");
    assertThat(DeviceChoice.asked(List.of("cuda:all"), USABLE).words()).isEqualTo("cuda:0,cuda:1");
  }

  @Test
  void aGpuThatIsNotThereIsAnError() {
    assertThatThrownBy(() -> DeviceChoice.asked(List.of("cuda:2"), USABLE))
        .isInstanceOf(EngineException.class)
        .hasMessage("--device: there is no cuda:2; got 2 GPU(s)");
  }

  @Test
  void whatCannotBeUnderstoodIsTheUsersFault() {
    assertThat(faults("gpu"))
        .containsExactly(
            "--device: unknown; got 'gpu', expected cpu, cuda, cuda:N, cuda:all, or cuda:N,cuda:M");
    assertThat(faults("cuda:-1")).hasSize(1);
    assertThat(faults("cuda:0", "")).hasSize(1);
    assertThat(faults("cuda:0", "cpu"))
        .containsExactly(
            "--device: got 'cuda:0,cpu', expected the CPU or GPUs: their results differ in"
                + " rounding");
    assertThat(faults("cuda:0", "cuda:0"))
        .containsExactly("--device: got 'cuda:0,cuda:0', expected each GPU once");
    assertThat(faults("cuda:0", "cuda:3")).isEmpty();
  }

  private static List<String> faults(String... words) {
    Faults faults = new Faults();
    DeviceChoice.check(List.of(words), faults);
    return faults.all();
  }
}
