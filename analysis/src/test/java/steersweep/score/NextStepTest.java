package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import steersweep.model.HookPoint;
import steersweep.score.NextStep.Damage;

class NextStepTest {
  /** Damages of two sites by a square law, at some settings. */
  private static List<Damage> squares(double curvature, double... settings) {
    return Arrays.stream(settings)
        .boxed()
        .flatMap(
            setting ->
                Stream.of(curvature, 1.5 * curvature)
                    .map(c -> new Damage(HookPoint.VALUE, setting, c * setting * setting)))
        .toList();
  }

  @Test
  void whereEverythingFallsApartSmallerSettingsAreNamed() {
    List<String> steps = NextStep.scaled(HookPoint.VALUE, squares(0.4, 5, 10, -5), 1);

    assertThat(steps)
        .containsExactly(
            "At value every setting does more damage than texts survive (at 5 already 15 nats per"
                + " token). Settings of about 0.41, 0.71, 1.3 would do about 0.1, 0.3 and 1; with"
                + " dose: kl they are found for each site.");
  }

  @Test
  void whereNothingHappensLargerOnesAre() {
    List<String> steps = NextStep.scaled(HookPoint.VALUE, squares(2e-4, 1, 5), 1);

    assertThat(steps)
        .containsExactly(
            "At value no setting does any damage to speak of (at 5 no more than 0.0075 nats per"
                + " token). Settings of about 18, 32, 58 would do about 0.1, 0.3 and 1; with dose:"
                + " kl they are found for each site.");
  }

  @Test
  void whereOneSettingIsUsefulNothingIsSaid() {
    assertThat(NextStep.scaled(HookPoint.VALUE, squares(0.01, 1, 5, 25), 1)).isEmpty();
    assertThat(NextStep.scaled(HookPoint.VALUE, List.of(), 1)).isEmpty();
  }
}
