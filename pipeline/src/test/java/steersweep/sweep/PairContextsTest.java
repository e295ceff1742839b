package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.engine.Activations;
import steersweep.engine.Continuation;
import steersweep.engine.Score;
import steersweep.model.HookPoint;
import steersweep.plan.Cell;
import steersweep.plan.CellKind;
import steersweep.plan.Contexts;
import steersweep.plan.DoseUnit;
import steersweep.plan.PromptPair;
import steersweep.plan.SweepPlan;
import steersweep.sweep.PairContexts.Source;

/** What cells share, and how large what they add is. */
class PairContextsTest {
  private static final SweepPlan PLAN = TinyModel.plan(DoseUnit.RAW, TinyModel.JOY, TinyModel.WAR);

  @TempDir static Path folder;
  private static TinyModel model;
  private static List<PromptPair> pairs;

  @BeforeAll
  static void open() throws IOException {
    model = TinyModel.open(folder);
    pairs = model.grid(PLAN).pairs();
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static PairContext context(PairContexts contexts, PromptPair pair) {
    return contexts.of(List.of(pair)).get(pair);
  }

  private static Activations added(SweepPlan plan, PromptPair pair, CellKind kind, Integer draw) {
    PairContexts contexts = model.pairs(plan);
    return contexts
        .added(new Source(pair, kind, draw), context(contexts, pair).baseline())
        .activations();
  }

  private static float[][] values(Activations of) {
    return of.byHookPoint().get(HookPoint.VALUE);
  }

  @Test
  void whatIsSharedDoesNotDependOnWhichPairCameFirst() {
    PairContexts one = model.pairs(PLAN);
    PairContexts other = model.pairs(PLAN);
    PromptPair first = pairs.get(0);
    context(other, pairs.get(pairs.size() - 1));

    PairContext a = context(one, first);
    PairContext b = context(other, first);

    assertThat(a.tokens()).hasSize(TinyModel.NEW_TOKENS).isEqualTo(b.tokens());
    assertThat(a.baseline().completion().logprobs())
        .isEqualTo(b.baseline().completion().logprobs());
    assertThat(a.prompted().logprobs()).isEqualTo(b.prompted().logprobs());
    assertThat(a.targets().get(1).meanLogprob()).isEqualTo(b.targets().get(1).meanLogprob());
  }

  @Test
  void targetsAndContrastsAreReadAfterTheBasePrompt() {
    PairContext context = context(model.pairs(PLAN), pairs.get(0));
    int[] base = model.tokenizer().encode("I ate");

    assertThat(context.targets()).hasSize(2);
    assertThat(context.contrasts()).hasSize(1);
    for (Map.Entry<Continuation, String> of :
        Map.of(context.targets().get(1), "good jam", context.contrasts().get(0), "ash")
            .entrySet()) {
      int[] both = model.tokenizer().encode("I ate " + of.getValue());
      assertThat(of.getKey().text().continuation())
          .hasSize(both.length - base.length)
          .last()
          .isEqualTo(both[both.length - 1]);
      double read =
          Score.meanLogprobs(
              model.engine(), List.of(new Score.Text(base, of.getKey().text().continuation())), 1)[
              0];
      assertThat(of.getKey().meanLogprob()).isCloseTo(read, within(1e-5));
    }
    assertThat(context.joined())
        .isEqualTo(model.tokenizer().encode(Contexts.joined("Glad I am.", "I ate")));
  }

  @Test
  void aRandomDirectionIsTheSameInEveryPlanAndAsLargeAsWhatItStandsFor() {
    SweepPlan alone = TinyModel.plan(DoseUnit.RAW, TinyModel.JOY);
    PromptPair pair = pairs.get(0);
    PromptPair ofAlone = model.grid(alone).pairs().get(0);
    float[][] own = values(added(PLAN, pair, CellKind.STEERED, null));

    float[][] random = values(added(PLAN, pair, CellKind.RANDOM, 0));

    assertThat(random).isDeepEqualTo(values(added(alone, ofAlone, CellKind.RANDOM, 0)));
    assertThat(random[0]).isNotEqualTo(values(added(PLAN, pair, CellKind.RANDOM, 1))[0]);
    assertThat(random[0]).isNotEqualTo(values(added(PLAN, pairs.get(2), CellKind.RANDOM, 0))[0]);
    assertThat(norm(random[0])).isCloseTo(norm(own[0]), within(1e-4 * norm(own[0])));
  }

  private static double norm(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares);
  }

  @Test
  void theUnrelatedControlAddsWhatAnotherConceptDoes() {
    PromptPair joy = pairs.get(0);
    PromptPair war = pairs.get(pairs.size() - 1);
    assertThat(joy.concept()).isEqualTo("joy");
    assertThat(war.concept()).isEqualTo("war");

    assertThat(values(added(PLAN, joy, CellKind.UNRELATED, null)))
        .isDeepEqualTo(values(added(PLAN, war, CellKind.STEERED, null)));
  }

  @Test
  void aSettingIsAFactorOrAShareOfWhatIsThere() {
    for (DoseUnit unit : List.of(DoseUnit.RAW, DoseUnit.RELATIVE)) {
      SweepPlan plan = TinyModel.plan(unit, TinyModel.JOY);
      List<Cell> cells =
          model.grid(plan).units(1000).stream()
              .flatMap(of -> model.grid(plan).cells(of).stream())
              .filter(cell -> cell.site() != null)
              .toList();

      List<PlacedCell> placed = model.placing(plan).place(cells);

      assertThat(placed).extracting(PlacedCell::cell).isEqualTo(cells);
      for (PlacedCell of : placed) {
        double setting = of.cell().setting();
        double ofOne = of.added().dose().at(of.cell().site(), 1);
        assertThat(ofOne).isPositive();
        assertThat(of.dose()).isCloseTo(Math.abs(of.factor()) * ofOne, within(1e-9));
        assertThat(unit == DoseUnit.RAW ? of.factor() : Math.signum(of.factor()) * of.dose())
            .isCloseTo(setting, within(1e-9));
      }
    }
  }
}
