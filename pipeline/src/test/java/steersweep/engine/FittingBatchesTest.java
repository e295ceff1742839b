package steersweep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FittingBatchesTest {
  private final FittingBatches batches = new FittingBatches();
  private final List<Integer> done = new ArrayList<>();
  private final List<Integer> sizes = new ArrayList<>();

  /** A machine that holds so many rows. */
  private void run(int rows, int fitting) {
    batches.run(
        IntStream.range(0, rows).boxed().toList(),
        some -> {
          sizes.add(some.size());
          if (some.size() > fitting) {
            throw new BatchTooLarge(new OutOfMemoryError("made up"));
          }
          done.addAll(some);
        });
  }

  @Test
  void whatFitsIsDoneAtOnce() {
    run(10, 10);

    assertThat(sizes).containsExactly(10);
    assertThat(done).hasSize(10);
  }

  @Test
  void whatDoesNotFitIsHalvedAndEveryRowIsDoneOnceInOrder() {
    run(10, 3);

    assertThat(sizes).containsExactly(10, 5, 2, 2, 2, 2, 2);
    assertThat(done).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @Test
  void laterBatchesDoNotTryAgainWhatDidNotFit() {
    run(8, 4);
    sizes.clear();

    run(8, 4);

    assertThat(sizes).containsExactly(4, 4);
  }

  @Test
  void aSingleRowThatDoesNotFitIsAnError() {
    assertThatThrownBy(() -> run(4, 0))
        .isInstanceOf(BatchTooLarge.class)
        .hasMessage("not enough memory to run the model: made up");
    assertThat(done).isEmpty();
  }

  @Test
  void onlyFailuresOfMemoryCount() {
    assertThat(BatchTooLarge.is(new IllegalStateException("Failed to allocate memory for ...")))
        .isTrue();
    assertThat(BatchTooLarge.is(new IllegalStateException("CUDA failure 2: out of memory")))
        .isTrue();
    assertThat(BatchTooLarge.is(new IllegalStateException("no such input"))).isFalse();
    assertThat(BatchTooLarge.is(new IllegalStateException())).isFalse();
  }
}
