package steersweep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import steersweep.model.HookPoint;

class ActivationsTest {
  /** Width 2; rows 0..2, mean of the last two, last again. */
  private static final Activations THREE = activations(3, 1, 10, 2, 20, 4, 60);

  private static final Activations TWO = activations(2, 100, 1000, 300, 3000);

  private static Activations activations(int positions, float... layer) {
    return Activations.of(positions, Map.of(HookPoint.VALUE, new float[][] {layer}));
  }

  private static float[] rows(Activations activations) {
    return activations.at(HookPoint.VALUE, 0);
  }

  @Test
  void aContrastIsTakenOffPositionByPositionAndOfMeanAndLast() {
    Activations difference = THREE.minus(TWO);

    assertThat(difference.positions()).isEqualTo(3);
    assertThat(rows(difference))
        .containsExactly(-99, -990, -298, -2980, 4, 60, -297, -2960, -296, -2940);
  }

  @Test
  void aContrastThatIsLongerGoesOnAlone() {
    Activations difference = TWO.minus(THREE);

    assertThat(difference.positions()).isEqualTo(3);
    assertThat(rows(difference)).containsExactly(99, 990, 298, 2980, -4, -60, 297, 2960, 296, 2940);
  }

  @Test
  void aPromptMinusItselfIsNothing() {
    assertThat(rows(THREE.minus(THREE))).containsOnly(0);
  }
}
