package steersweep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import steersweep.model.ModelShape;

class BatchSizeTest {
  @Test
  void theSmallestIsTakenThatIsNearlyAsFastAsTheFastest() {
    assertThat(chosen(Map.of(32, 60.0, 64, 80.0, 128, 96.0, 256, 100.0))).isEqualTo(128);
    assertThat(chosen(Map.of(32, 60.0, 64, 80.0, 128, 94.0, 256, 100.0))).isEqualTo(256);
    assertThat(chosen(Map.of(32, 100.0, 64, 99.0))).isEqualTo(32);
  }

  @Test
  void onePoorMeasurementDoesNotEndTheSearch() {
    assertThat(chosen(Map.of(32, 60.0, 64, 30.0, 128, 96.0))).isEqualTo(128);
  }

  @Test
  void withoutAMeasurementItIsWhatFits() {
    assertThat(chosen(Map.of())).isEqualTo(32);
  }

  @Test
  void memoryGrowsWithRowsAndTokens() {
    ModelShape shape = new ModelShape(32, 32, 8, 4096, 128, 14336, 128_256, 8192);
    long one = BatchSize.bytes(shape, 1, 40);

    // keys and values, twice: 2 x 2 x 32 layers x 8 heads x 128 wide x 40 tokens
    assertThat(one).isGreaterThan(4L * 2 * 2 * 32 * 8 * 128 * 40).isLessThan(40_000_000);
    assertThat(BatchSize.bytes(shape, 64, 40)).isEqualTo(64 * one);
    assertThat(BatchSize.bytes(shape, 1, 80)).isGreaterThan(one);
  }

  private static int chosen(Map<Integer, Double> rates) {
    return BatchSize.worthIt(new TreeMap<>(rates), 32);
  }
}
