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
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;

/** Controls, skipped cells, slopes, doses and claims, against numbers computed by hand. */
class ControlsTest {
  private static final Offset<Double> EXACT = within(1e-12);
  private static final Site SITE = SyntheticRun.whole(HookPoint.VALUE, 3);
  private static final Site BLOCK = SyntheticRun.whole(HookPoint.RESIDUAL_POST, 3);
  private static final int PAIRS = 12;

  @TempDir Path folder;

  @Test
  void thePairsOwnControlIsTakenOff() {
    SyntheticRun run = new SyntheticRun(folder);
    PromptPair a = run.pair("vegan", "I eat", "plants");
    PromptPair b = run.pair("vegan", "I like", "plants");
    run.baseline(a, Text.same("pie", 1));
    run.baseline(b, Text.same("pie", 2));
    run.prompted(a, Text.changed("tofu", 3));
    run.cell(a, SITE, -2, Text.changed("x", 0.5));
    run.cell(b, SITE, -2, Text.changed("x", 1.2));
    run.random(a, 0, SITE, 2, Text.changed("r", 1.1));
    run.random(a, 1, SITE, 2, Text.changed("r", 1.3));
    run.random(b, 0, SITE, 2, Text.changed("r", 2.0));
    run.random(b, 1, SITE, 2, Text.changed("r", 1.8));
    run.shuffled(a, 0, SITE, -2, Text.changed("s", 0.9));
    run.unrelated(b, SITE, -2, Text.changed("u", 2.3));

    Analysis analysis = Analysis.of(ResultTables.load(run.write()), 8);

    SiteScore score = analysis.scores().get(0);
    // Against the baseline -0.5 and -0.8; random directions did 0.2 and -0.1.
    assertThat(score.againstBaseline().mean()).isCloseTo(-0.65, EXACT);
    assertThat(score.meanEffect()).isCloseTo((-0.7 - 0.7) / 2, EXACT);
    assertThat(score.control().mean().mean()).isCloseTo(0.05, EXACT);
    assertThat(score.control().spread()).isCloseTo(0.3 / Math.sqrt(2), EXACT);
    assertThat(score.control().shuffled()).isCloseTo(-0.1, EXACT);
    assertThat(score.control().unrelated()).isCloseTo(0.3, EXACT);
    assertThat(score.wrongWay()).isZero();
    assertThat(analysis.findings().controlled()).isTrue();
    assertThat(analysis.findings().prompted().mean()).isCloseTo(2, EXACT);
    assertThat(analysis.findings().prompted().n()).isEqualTo(1);
  }

  @Test
  void aPairWithoutItsControlIsNotAveraged() {
    SyntheticRun run = new SyntheticRun(folder);
    for (int i = 0; i < 3; i++) {
      PromptPair pair = run.pair("vegan", "base " + i, "plants");
      run.baseline(pair, Text.same("pie", 0));
      run.cell(pair, SITE, 2, Text.changed("x", 1 + i));
      run.cell(pair, BLOCK, 2, Text.changed("x", 1));
      if (i < 2) {
        run.random(pair, 0, SITE, 2, Text.changed("r", 0.5));
      }
    }

    List<SiteScore> scores = Analysis.of(ResultTables.load(run.write()), 8).scores();

    assertThat(scores.get(0).n()).isEqualTo(2);
    assertThat(scores.get(0).meanEffect()).isCloseTo(1, EXACT);
    assertThat(scores.get(1).verdict()).isEqualTo(SiteVerdict.NO_CONTROL);
    assertThat(scores.get(1).n()).isEqualTo(3);
  }

  @Test
  void withoutControlsTheEffectIsAgainstTheBaseline() {
    SyntheticRun run = new SyntheticRun(folder);
    steer(run, pairs(run), SITE, 2, 0.1, 0.5);

    Analysis analysis = Analysis.of(ResultTables.load(run.write()), 8);

    assertThat(analysis.findings().controlled()).isFalse();
    assertThat(analysis.scores().get(0).effect())
        .isEqualTo(analysis.scores().get(0).againstBaseline());
    assertThat(analysis.scores().get(0).control().known()).isFalse();
  }

  @Test
  void skippedCellsAreListedWithTheirGuard() {
    SyntheticRun run = new SyntheticRun(folder);
    List<PromptPair> pairs = pairs(run);
    for (PromptPair pair : pairs) {
      if (pair.index() < 4) {
        run.cell(pair, SITE, 2, Text.changed("x", 0.5));
      } else {
        run.skipped(pair, SITE, 2, "kl_continuation at least 0.1");
      }
      run.skipped(pair, BLOCK, 2, "kl_continuation at most 2");
    }

    ResultTables tables = ResultTables.load(run.write());
    Analysis analysis = Analysis.of(tables, 8);

    assertThat(tables.progress().skipped()).isEqualTo(20);
    assertThat(tables.progress().unscored()).isZero();
    assertThat(tables.progress().complete()).isTrue();
    assertThat(analysis.findings().skipped())
        .containsExactly(
            new Findings.Skipped(new Point(SITE, 2), "kl_continuation at least 0.1", 8),
            new Findings.Skipped(new Point(BLOCK, 2), "kl_continuation at most 2", 12));
    assertThat(analysis.scores()).hasSize(1);
    assertThat(analysis.scores().get(0).n()).isEqualTo(4);
    assertThat(analysis.scores().get(0).skipped()).isEqualTo(8);
    assertThat(analysis.scores().get(0).verdict()).isEqualTo(SiteVerdict.MOSTLY_SKIPPED);
  }

  @Test
  void theSlopeIsThatOfTheLineThroughTheBaseline() {
    SyntheticRun run = new SyntheticRun(folder);
    List<PromptPair> pairs = pairs(run);
    steer(run, pairs, SITE, -1, 0.1, -0.2);
    steer(run, pairs, SITE, 2, 0.2, 0.6);
    for (PromptPair pair : pairs) {
      run.cell(pair, SITE, 8, Text.changed("x", 9).fluency(-5).doseResidual(0.8));
    }

    Slope slope = Analysis.of(ResultTables.load(run.write()), 8).findings().slopes().get(0);

    // (-1 x -0.2 + 2 x 0.6) / (1 + 4); the broken texts at scale 8 have no say.
    assertThat(slope.scales()).isEqualTo(2);
    assertThat(slope.perScale().mean()).isCloseTo(0.28, EXACT);
    // (-0.1 x -0.2 + 0.2 x 0.6) / (0.01 + 0.04)
    assertThat(slope.perDose().mean()).isCloseTo(2.8, EXACT);
    assertThat(slope.perScale().contains(0.28)).isTrue();
  }

  @Test
  void betweenTwoDosesTheEffectIsOnTheLineBetweenThem() {
    SyntheticRun run = new SyntheticRun(folder);
    List<PromptPair> pairs = pairs(run);
    steer(run, pairs, SITE, 1, 0.1, 0.2);
    steer(run, pairs, SITE, 2, 0.3, 0.8);

    EqualDose equalDose = Analysis.of(ResultTables.load(run.write()), 8).equalDose();

    assertThat(equalDose.at(0.15).get(0).effect().mean()).isCloseTo(0.35, EXACT);
    assertThat(equalDose.at(0.3).get(0).effect().mean()).isCloseTo(0.8, EXACT);
    assertThat(equalDose.at(0.05).get(0).effect().n()).isZero();
    assertThat(equalDose.at(0.4).get(0).effect().n()).isZero();
    assertThat(equalDose.doses().get(0)).isCloseTo(0.1, EXACT);
    assertThat(equalDose.doses().get(5)).isCloseTo(0.3, EXACT);
  }

  @Test
  void valuesAreBetterThanBlockOutputsOnlyIfTheyAreAtEqualDose() {
    SyntheticRun better = new SyntheticRun(folder.resolve("better"));
    compareHookPoints(better, 0.3);
    SyntheticRun worse = new SyntheticRun(folder.resolve("worse"));
    compareHookPoints(worse, 1.2);

    assertThat(lastClaim(better)).isEqualTo(Claim.Judgement.SUPPORTED);
    assertThat(lastClaim(worse)).isEqualTo(Claim.Judgement.NOT_SUPPORTED);
  }

  @Test
  void hookPointsWhoseDosesDoNotOverlapAreNotCompared() {
    SyntheticRun run = new SyntheticRun(folder);
    List<PromptPair> pairs = pairs(run);
    steer(run, pairs, SITE, 1, 0.1, 0.9);
    steer(run, pairs, BLOCK, 1, 0.5, 0.3);

    assertThat(lastClaim(run)).isEqualTo(Claim.Judgement.UNCLEAR);
  }

  /** Values have effect 0.6 at every dose; block outputs at scale 1 the effect given. */
  private void compareHookPoints(SyntheticRun run, double block) {
    List<PromptPair> pairs = pairs(run);
    steer(run, pairs, SITE, 1, 0.1, 0.6);
    steer(run, pairs, SITE, 4, 0.4, 0.6);
    steer(run, pairs, BLOCK, 1, 0.2, block);
  }

  private static Claim.Judgement lastClaim(SyntheticRun run) {
    List<Claim> claims = Analysis.of(ResultTables.load(run.write()), 8).findings().claims();
    return claims.get(claims.size() - 1).judgement();
  }

  @Test
  void aTextThatRecitesTheSteeringPromptCombinesNothing() {
    String prompt = "I am vegan. I like animals.";

    assertThat(Combining.recites(" Well, i am vegan, I like rice", prompt)).isTrue();
    assertThat(Combining.recites(" I am vegan and like animals", prompt)).isFalse();
    assertThat(Combining.recites("", prompt)).isFalse();
    assertThat(Combining.recites(" short", "one two three")).isFalse();
  }

  @Test
  void fewBasePromptsAreNoBasisForARecommendation() {
    SyntheticRun run = new SyntheticRun(folder);
    for (PromptPair pair : pairs(run, 6)) {
      run.cell(pair, SITE, 2, Text.changed("x", 0.5 + 0.01 * pair.index()));
    }

    Findings findings = Analysis.of(ResultTables.load(run.write()), 8).findings();

    assertThat(findings.recommendation().status()).isEqualTo(Recommendation.Status.TOO_FEW);
    assertThat(findings.fewBasePrompts()).isTrue();
    assertThat(findings.best()).isEmpty();
  }

  private static List<PromptPair> pairs(SyntheticRun run) {
    return pairs(run, PAIRS);
  }

  private static List<PromptPair> pairs(SyntheticRun run, int count) {
    List<PromptPair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      PromptPair pair = run.pair("vegan", "base " + i, "plants");
      run.baseline(pair, Text.same("b", 0));
      pairs.add(pair);
    }
    return pairs;
  }

  /** Texts at a site whose mean effect is given; pairs differ by a little. */
  private static void steer(
      SyntheticRun run,
      List<PromptPair> pairs,
      Site site,
      double scale,
      double dose,
      double effect) {
    for (PromptPair pair : pairs) {
      double spread = 0.01 * (pair.index() - 5.5);
      run.cell(pair, site, scale, Text.changed("x", effect + spread).doseResidual(dose));
    }
  }
}
