package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.SweepPlan.HeadChoice;
import steersweep.plan.SweepPlan.LayerChoice;

class EffortTest {
  private static final ModelShape SHAPE = new ModelShape(2, 4, 2, 8, 2, 12, 10, 32);

  private static Effort effort(List<String> steering) {
    SweepPlan plan =
        new SweepPlan(
            "demo",
            List.of(new Concept("vegan", List.of("12", "34"), steering, List.of("beans"))),
            List.of(HookPoint.VALUE),
            new LayerChoice(true, List.of()),
            new HeadChoice(true, false, List.of()),
            List.of(1.0),
            PositionRule.LW2023,
            10,
            true);
    return Effort.of(plan, CellGrid.of(plan, SHAPE, "plan.yaml"), SHAPE, String::length);
  }

  @Test
  void contextsAreReadOnceForABasePromptWhateverSteersIt() {
    double one = effort(List.of("123456")).tokens().get(Stage.SCREEN);
    double two = effort(List.of("123456", "654321")).tokens().get(Stage.SCREEN);

    double rows = 2 * 2 * 12 * 0.75; // of one steering prompt: base prompts, layers, tokens, share
    double contexts = 2 * (6 + 2 + 10); // of one context
    assertThat(one).isEqualTo(rows + contexts);
    assertThat(two).isEqualTo(2 * rows + 2 * contexts);
  }

  @Test
  void aTextIsScoredAloneAndInEachContextByItsOwnTokens() {
    double one = effort(List.of("123456")).tokens().get(Stage.WRITE);
    double two = effort(List.of("123456", "654321")).tokens().get(Stage.WRITE);

    double texts = 2 * 3; // of one steering prompt: base prompts, layers and the baseline
    double written = 2 * 10 + 12; // generated tokens count twice
    assertThat(one).isEqualTo(0.8 * texts * (written + 2 * 10) + 2 * (6 + 2));
    assertThat(two).isEqualTo(0.8 * 2 * texts * (written + 3 * 10) + 2 * 2 * (6 + 2));
  }
}
