package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.Choice.Why;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;

/** Means, verdicts and tests against numbers computed by hand. */
class SiteScoresTest {
  private static final Offset<Double> EXACT = within(1e-12);
  private static final Site SITE = SyntheticRun.whole(HookPoint.VALUE, 3);
  private static final Site BLOCK = SyntheticRun.whole(HookPoint.RESIDUAL_POST, 3);

  @TempDir Path folder;

  @Test
  void thePairsOwnControlIsTakenOffEveryMeasureThatHasASign() {
    SyntheticRun run = new SyntheticRun(folder);
    PromptPair a = run.pair("vegan", "I eat", "plants");
    PromptPair b = run.pair("vegan", "I like", "plants");
    run.baseline(a, Text.same("pie", 0).with(Measure.EVIDENCE, 1));
    run.baseline(b, Text.same("pie", 0).with(Measure.EVIDENCE, 2));
    run.prompted(a, Text.changed("tofu", 0).with(Measure.EVIDENCE, 9));
    run.cell(a, SITE, -2, Text.changed("x", -0.5).with(Measure.EVIDENCE, -3));
    run.cell(
        b, SITE, -2, Text.changed("x", -0.8).with(Measure.EVIDENCE, -4).with(Measure.DAMAGE, 0.4));
    run.random(a, 0, SITE, 2, Text.changed("r", 0.1).with(Measure.EVIDENCE, 1));
    run.random(a, 1, SITE, 2, Text.changed("r", 0.3).with(Measure.EVIDENCE, 2));
    run.random(b, 0, SITE, 2, Text.changed("r", -0.2).with(Measure.EVIDENCE, 3));
    run.random(b, 1, SITE, 2, Text.changed("r", 0).with(Measure.EVIDENCE, 4));

    ConceptFindings found = analysis(run).concepts().get(0);

    SiteScore score = found.scores().get(0);
    assertThat(score.pairs()).isEqualTo(2);
    assertThat(score.of(Measure.PULL).steered().mean()).isCloseTo(-0.65, EXACT);
    assertThat(score.of(Measure.PULL).control().mean()).isCloseTo(0.05, EXACT);
    assertThat(score.pull().mean()).isCloseTo(-0.7, EXACT);
    assertThat(score.asked().mean()).isCloseTo(0.7, EXACT);
    assertThat(score.of(Measure.EVIDENCE).net().mean()).isCloseTo((-4.5 - 7.5) / 2, EXACT);
    assertThat(score.damage()).isCloseTo(0.3, EXACT);
    assertThat(score.of(Measure.DAMAGE).control().n()).isZero();
    assertThat(score.placement().dose()).isCloseTo(0.5, EXACT);
    assertThat(found.promptedEvidence().mean()).isCloseTo(8, EXACT);
    assertThat(found.prompting().mean()).isCloseTo(1, EXACT);
    assertThat(found.negligible()).isCloseTo(0.05, EXACT);
  }

  @Test
  void withoutControlsTextsAreSetAgainstTheBaselinesAndReadingsAgainstNothing() {
    SyntheticRun run = new SyntheticRun(folder);
    for (PromptPair pair : pairs(run, 12, 1)) {
      run.cell(pair, SITE, 2, Text.changed("x", 0.5).with(Measure.EVIDENCE, 4));
    }

    Analysis analysis = analysis(run);

    SiteScore score = analysis.all().scores().get(0);
    assertThat(analysis.controlled()).isFalse();
    assertThat(score.pull().mean()).isCloseTo(0.5, EXACT);
    assertThat(score.of(Measure.EVIDENCE).net().mean()).isCloseTo(3, EXACT);
  }

  @Test
  void aPairWithoutItsControlIsNotAveragedAndASiteWithoutAnyIsUnclear() {
    SyntheticRun run = new SyntheticRun(folder);
    for (PromptPair pair : pairs(run, 3, 0)) {
      run.cell(pair, SITE, 2, Text.changed("x", 1 + pair.index()));
      run.cell(pair, BLOCK, 2, Text.changed("x", 1));
      if (pair.index() < 2) {
        run.random(pair, 0, SITE, 2, Text.changed("r", 0.5));
      }
    }

    List<SiteScore> scores = analysis(run).all().scores();

    assertThat(scores.get(0).pull().n()).isEqualTo(2);
    assertThat(scores.get(0).pull().mean()).isCloseTo(1, EXACT);
    assertThat(scores.get(1).verdict()).isEqualTo(SiteVerdict.NO_CONTROL);
    assertThat(scores.get(1).pairs()).isEqualTo(3);
  }

  @Test
  void negligibleIsWhatIsKnownToBeSmallNotWhatIsSmallOnAverage() {
    SyntheticRun run = new SyntheticRun(folder).choose("vegan", BLOCK, 8, Why.BEST);
    for (PromptPair pair : pairs(run, 12, 0)) {
      double sign = pair.index() % 2 == 0 ? 1 : -1;
      run.cell(pair, SITE, 2, Text.changed("x", 0.01 + 0.02 * sign));
      run.cell(pair, BLOCK, 2, Text.changed("x", 0.01 + 0.5 * sign));
      run.cell(pair, BLOCK, 4, Text.changed("x", 0.5 + 0.1 * sign));
      run.cell(pair, BLOCK, -4, Text.changed("x", 0.5 + 0.1 * sign));
      run.cell(pair, BLOCK, 9, Text.changed("x", 0.5 + 0.1 * sign).with(Measure.DAMAGE, 1.5));
    }

    List<SiteScore> scores = analysis(run).all().scores();

    assertThat(scores)
        .extracting(SiteScore::verdict)
        .containsExactly(
            SiteVerdict.LITTLE_PULL,
            SiteVerdict.WRONG_WAY,
            SiteVerdict.NOT_CLEAR,
            SiteVerdict.NOT_TESTED,
            SiteVerdict.TOO_MUCH_DAMAGE);
  }

  @Test
  void thePairThatDecidesAMeanAgainstTheOthersIsNamed() {
    SyntheticRun run = new SyntheticRun(folder);
    for (PromptPair pair : pairs(run, 11, 0)) {
      run.cell(pair, SITE, 2, Text.changed("x", pair.index() == 7 ? 5 : -0.1));
      run.cell(pair, BLOCK, 2, Text.changed("x", 0.1));
    }

    List<SiteScore> scores = analysis(run).all().scores();

    Estimate pull = scores.get(0).of(Measure.PULL);
    assertThat(pull.net().mean()).isCloseTo(4.0 / 11, EXACT);
    assertThat(pull.median()).isCloseTo(-0.1, EXACT);
    assertThat(pull.decider()).isEqualTo(new Estimate.Decider("base 7", "plants", 5));
    assertThat(scores.get(1).of(Measure.PULL).decider()).isNull();
  }

  @Test
  void onlyTheTextsOfPromptsWithoutASayConfirm() {
    SyntheticRun run = new SyntheticRun(folder);
    List<PromptPair> pairs = pairs(run, 12, 0);
    Analysis before = analysis(steered(run, pairs, 3, 1));
    assertThat(before.concepts().get(0).recommendation().confirmed()).isTrue();
    TextTest test = before.concepts().get(0).recommendation().test();
    assertThat(test.evidence().n()).isEqualTo(6);
    assertThat(test.evidence().mean()).isCloseTo(3, EXACT);
    // 6 base prompts: one of 64 flips is as far.
    assertThat(test.corrected()).isCloseTo(1 / 64.0, EXACT);
    assertThat(test.coherent().mean()).isEqualTo(1);

    // The same texts, but on the choosing half alone: nothing is confirmed.
    SyntheticRun other = new SyntheticRun(folder.resolve("other"));
    List<PromptPair> same = pairs(other, 12, 0);
    for (PromptPair pair : same) {
      boolean held = before.heldOut(pair.basePrompt());
      other.cell(pair, SITE, 2, Text.changed("x", 0.5).with(Measure.EVIDENCE, held ? 0 : 3));
    }
    Recommendation recommendation = analysis(other).concepts().get(0).recommendation();
    assertThat(recommendation.status()).isEqualTo(Recommendation.Status.NOT_CONFIRMED);
    assertThat(recommendation.score().verdict()).isEqualTo(SiteVerdict.NOT_CONFIRMED);
  }

  @Test
  void incoherentTextsConfirmNothing() {
    SyntheticRun run = new SyntheticRun(folder);
    Analysis analysis = analysis(steered(run, pairs(run, 12, 0), 3, 0));

    assertThat(analysis.confirmed()).isEmpty();
    assertThat(analysis.concepts().get(0).recommendation().score().verdict())
        .isEqualTo(SiteVerdict.NOT_COHERENT);
  }

  @Test
  void aSiteWhoseTextsConfirmNothingIsTheLargestPullAndNeverWorks() {
    SyntheticRun run = new SyntheticRun(folder);
    Analysis analysis = analysis(steered(run, pairs(run, 12, 0), -3, 1));

    Recommendation recommendation = analysis.concepts().get(0).recommendation();
    assertThat(recommendation.status()).isEqualTo(Recommendation.Status.NOT_CONFIRMED);
    assertThat(recommendation.score().works()).isFalse();
    assertThat(analysis.all().counts().get(Outcome.WORKS)).isZero();
  }

  @Test
  void fewBasePromptsConfirmNothingAndNothingChosenIsNoVerdict() {
    SyntheticRun few = new SyntheticRun(folder.resolve("few"));
    assertThat(status(steered(few, pairs(few, 8, 0), 3, 1)))
        .isEqualTo(Recommendation.Status.TOO_FEW);
    SyntheticRun none = new SyntheticRun(folder.resolve("none")).nothingChosen();
    assertThat(status(steered(none, pairs(none, 12, 0), 3, 1)))
        .isEqualTo(Recommendation.Status.NO_TEXTS);
  }

  @Test
  void theOppositeIsConfirmedByEvidenceBelowTheControls() {
    SyntheticRun run = new SyntheticRun(folder);
    for (PromptPair pair : pairs(run, 12, 0)) {
      run.cell(
          pair, SITE, -2, Text.changed("x", -0.5).with(Measure.EVIDENCE, -3 + 0.1 * pair.index()));
    }

    ConceptFindings found = analysis(run).concepts().get(0);

    assertThat(found.tests(Why.OPPOSITE)).hasSize(1).allMatch(TextTest::confirmed);
    assertThat(found.scores().get(0).works()).isTrue();
    // A negative setting is never what to use for the concept.
    assertThat(found.recommendation().status()).isEqualTo(Recommendation.Status.NOTHING);
  }

  private static Recommendation.Status status(SyntheticRun run) {
    return analysis(run).concepts().get(0).recommendation().status();
  }

  private static SyntheticRun steered(
      SyntheticRun run, List<PromptPair> pairs, double evidence, double coherent) {
    for (PromptPair pair : pairs) {
      run.cell(
          pair,
          SITE,
          2,
          Text.changed("x", 0.5).with(Measure.EVIDENCE, evidence).with(Measure.COHERENT, coherent));
    }
    return run;
  }

  private static List<PromptPair> pairs(SyntheticRun run, int count, double evidence) {
    List<PromptPair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      PromptPair pair = run.pair("vegan", "base " + i, "plants");
      run.baseline(pair, Text.same("b", 0).with(Measure.EVIDENCE, evidence));
      pairs.add(pair);
    }
    return pairs;
  }

  private static Analysis analysis(SyntheticRun run) {
    return Analysis.of(ResultTables.load(run.write()), 8);
  }
}
