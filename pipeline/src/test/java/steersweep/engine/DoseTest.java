package steersweep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;

class DoseTest {
  /** One layer with two value heads, 2 wide each. */
  private static final ModelShape SHAPE = new ModelShape(1, 2, 2, 4, 2, 2, 2, 8);

  private static final Site ALL = new Site(HookPoint.VALUE, 0, Site.ALL_HEADS);
  private static final Site FIRST = new Site(HookPoint.VALUE, 0, 0);
  private static final Site SECOND = new Site(HookPoint.VALUE, 0, 1);

  /** Norms of the heads: position 0: 5 and 0, position 1: 2 and 1. */
  private static final float[] BASE = {3, 4, 0, 0, 0, 2, 1, 0};

  private static Dose dose(float[] base, float[] steering, PositionRule rule) {
    int positions = base.length / 4;
    Capture.Captured captured =
        new Capture.Captured(new int[positions], activations(base), new float[0]);
    return new Dose(SHAPE, captured, activations(steering), rule);
  }

  private static Activations activations(float[] values) {
    return Activations.of(values.length / 4, Map.of(HookPoint.VALUE, new float[][] {values}));
  }

  @Test
  void theDoseIsTheMeanRatioOfNormsTimesTheSizeOfTheScale() {
    Dose dose = dose(BASE, new float[] {0, 10, 0, 0, 1, 0, 3, 4}, PositionRule.LW2023);

    assertThat(dose.at(FIRST, -3)).isCloseTo(3 * (10 / 5.0 + 1 / 2.0) / 2, within(1e-12));
    assertThat(dose.at(ALL, 1))
        .isCloseTo((10 / 5.0 + Math.sqrt(26) / Math.sqrt(5)) / 2, within(1e-12));
  }

  @Test
  void positionsWithNothingToAddToAreLeftOut() {
    Dose dose = dose(BASE, new float[] {0, 10, 7, 7, 1, 0, 3, 4}, PositionRule.LW2023);

    assertThat(dose.at(SECOND, 2)).isCloseTo(2 * 5 / 1.0, within(1e-12));
  }

  @Test
  void whereAllIsZeroTheDoseIsInfiniteAndNoScaleMakesADose() {
    Dose dose = dose(new float[8], new float[] {1, 1, 0, 0}, PositionRule.MEAN);

    assertThat(dose.at(FIRST, 1)).isInfinite();
    assertThat(dose.scale(FIRST, 0.5)).isNaN();
    assertThat(dose.at(SECOND, 1)).isZero();
    assertThat(dose.scale(SECOND, 0.5)).isNaN();
  }

  @Test
  void theScaleOfADoseMakesThatDose() {
    Dose dose = dose(BASE, new float[] {0, 10, 0, 0, 1, 0, 3, 4}, PositionRule.LW2023);

    double scale = dose.scale(FIRST, -0.75);

    assertThat(scale).isNegative();
    assertThat(dose.at(FIRST, scale)).isCloseTo(0.75, within(1e-12));
  }
}
