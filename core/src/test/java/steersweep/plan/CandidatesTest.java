package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import steersweep.model.HookPoint;
import steersweep.plan.Candidates.Read;
import steersweep.plan.Choice.Why;

/** Which sites and settings are put to the test. */
class CandidatesTest {
  private static Site site(HookPoint hookPoint, int layer) {
    return new Site(hookPoint, layer, Site.ALL_HEADS);
  }

  private static Read value(int layer, double setting, double damage, double pull) {
    return new Read(site(HookPoint.VALUE, layer), setting, damage, pull);
  }

  private static Read block(int layer, double setting, double damage, double pull) {
    return new Read(site(HookPoint.RESIDUAL_POST, layer), setting, damage, pull);
  }

  private static TextChoice rule(int sites, int sample) {
    return new TextChoice(ChoiceRule.BEST, 1, sites, sample, List.of());
  }

  private static List<Choice> choices(TextChoice rule, Read... points) {
    return new Candidates("joy", List.of(points)).choices(rule, new Random(1));
  }

  private static Choice choice(Read point, Why why) {
    return new Choice("joy", point.site(), point.setting(), why);
  }

  @Test
  void aSiteIsACandidateOnceAtItsBestSetting() {
    Read weak = value(1, 1, 0.2, 0.5);
    Read strong = value(1, 2, 0.8, 0.9);
    Read other = value(2, 1, 0.2, 0.4);
    Read third = value(3, 1, 0.2, 0.3);

    assertThat(choices(rule(2, 0), weak, strong, other, third))
        .containsExactly(choice(strong, Why.BEST), choice(other, Why.BEST));
  }

  @Test
  void whatDamagesTheModelMoreThanAllowedIsNone() {
    Read breaking = value(1, 4, 1.01, 9);
    Read allowed = value(1, 1, 1, 0.1);
    Read breakingDown = value(2, -4, 3, -9);

    assertThat(choices(rule(3, 0), breaking, allowed, breakingDown))
        .containsExactly(choice(allowed, Why.BEST));
  }

  @Test
  void everyHookPointHasItsOwnAndOneTheOtherWay() {
    Read near = value(0, 1, 0.1, 0.1);
    Read far = block(0, 1, 0.1, 5);
    Read back = value(0, -1, 0.1, -0.1);
    Read backFarther = value(1, -1, 0.1, -0.3);
    Read blockBack = block(1, -1, 0.1, 0.2);

    assertThat(choices(rule(1, 0), near, back, backFarther, far, blockBack))
        .containsExactly(
            choice(near, Why.BEST),
            choice(far, Why.BEST),
            choice(backFarther, Why.OPPOSITE),
            choice(blockBack, Why.OPPOSITE));
  }

  @Test
  void theSampleIsDrawnFromAllOthersWhateverTheyDamage() {
    List<Read> points = new ArrayList<>();
    for (int layer = 0; layer < 20; layer++) {
      points.add(value(layer, 1, layer, 20 - layer));
    }
    Candidates candidates = new Candidates("joy", points);

    List<Choice> choices = candidates.choices(rule(1, 19), new Random(1));
    List<Choice> few = candidates.choices(rule(1, 5), new Random(1));

    assertThat(choices).hasSize(20).doesNotHaveDuplicates();
    assertThat(choices.get(0)).isEqualTo(choice(points.get(0), Why.BEST));
    assertThat(choices.subList(1, 20)).extracting(Choice::why).containsOnly(Why.SAMPLE);
    assertThat(few).isEqualTo(candidates.choices(rule(1, 5), new Random(1))).hasSize(6);
    assertThat(few).isNotEqualTo(candidates.choices(rule(1, 5), new Random(2)));
  }

  @Test
  void whereNothingWasReadThereIsNothingToChoose() {
    assertThat(choices(rule(3, 3))).isEmpty();
  }
}
