package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;

class SiteScoresTest {
  private static final Offset<Double> EXACT = within(1e-12);
  private static final Site SITE = SyntheticRun.whole(HookPoint.VALUE, 3);
  private static final Site HEAD = new Site(HookPoint.VALUE, 3, 0);

  @TempDir Path folder;

  @Test
  void everyMeanIsTheOneComputedByHand() {
    SyntheticRun run = new SyntheticRun(folder);
    PromptPair a1 = run.pair("vegan", "I eat", "plants");
    PromptPair a2 = run.pair("vegan", "I eat", "nature");
    PromptPair b1 = run.pair("vegan", "I like", "plants");
    PromptPair b2 = run.pair("vegan", "I like", "nature");
    run.baseline(a1, Text.same("pie", 0.1).hits(1));
    run.baseline(a2, Text.same("pie", 0.2).distinct2(0.9));
    run.baseline(b1, Text.same("cake", 0.3).hits(0));
    run.baseline(b2, Text.same("cake", 0.4).hits(0));
    run.cell(a1, SITE, 2, Text.changed("rice", 0.6).fluency(-0.4).dose(1).hits(1));
    run.cell(a2, SITE, 2, Text.changed("tofu", 0.5).fluency(-0.6).dose(2).distinct2(0.7));
    run.cell(b1, SITE, 2, Text.changed("beans", 1.1).fluency(-0.2).dose(3).hits(2));
    run.cell(b2, SITE, 2, Text.same("cake", 0.6).fluency(0).dose(4).hits(1));

    SiteScore score = only(scores(run));

    assertThat(score.site()).isEqualTo(SITE);
    assertThat(score.scale()).isEqualTo(2);
    assertThat(score.n()).isEqualTo(4);
    // 0.5, 0.3, 0.8, 0.2; two base prompts.
    assertThat(score.meanEffect()).isCloseTo(0.45, EXACT);
    assertThat(score.effect().clusters()).isEqualTo(2);
    assertThat(score.effect().standardError()).isCloseTo(0.05, EXACT);
    assertThat(score.fluency()).isCloseTo(-0.3, EXACT);
    assertThat(score.distinct2()).isCloseTo((1 + 0.7 + 1 + 1) / 4, EXACT);
    assertThat(score.moreRepetition()).isCloseTo((0.9 - 0.7) / 4, EXACT);
    assertThat(score.damageLast()).isCloseTo(0.01, EXACT);
    assertThat(score.zlibRatio()).isCloseTo(0.9, EXACT);
    assertThat(score.changed()).isEqualTo(0.75);
    // Of the three pairs with target words two have more than their baseline, one as many.
    assertThat(score.targets()).isCloseTo(2 / 3.0, EXACT);
    assertThat(score.dose()).isCloseTo(2.5, EXACT);
  }

  @Test
  void theBaselineSubtractedIsTheOneOfTheSamePromptPair() {
    SyntheticRun run = new SyntheticRun(folder);
    PromptPair low = run.pair("vegan", "I eat", "plants");
    PromptPair high = run.pair("vegan", "I eat", "nature");
    run.cell(high, SITE, 1, Text.changed("x", 10.5));
    run.cell(low, SITE, 2, Text.changed("x", 1.25));
    run.baseline(high, Text.same("b", 10));
    run.baseline(low, Text.same("b", 1));

    List<SiteScore> scores = scores(run);

    assertThat(scores).extracting(SiteScore::meanEffect).containsExactly(0.5, 0.25);
  }

  @Test
  void allHeadsTogetherAreNotHead0() {
    SyntheticRun run = new SyntheticRun(folder);
    PromptPair pair = run.pair("vegan", "I eat", "plants");
    run.baseline(pair, Text.same("b", 0));
    run.cell(pair, SITE, 1, Text.changed("x", 1));
    run.cell(pair, HEAD, 1, Text.changed("x", 2));
    run.cell(pair, SITE, -1, Text.changed("x", -3));

    assertThat(scores(run))
        .extracting(SiteScore::site, SiteScore::scale, SiteScore::meanEffect)
        .containsExactly(tuple(SITE, -1.0, -3.0), tuple(SITE, 1.0, 1.0), tuple(HEAD, 1.0, 2.0));
  }

  @Test
  void withoutTargetWordsThereIsNoShareOfThem() {
    SyntheticRun run = new SyntheticRun(folder);
    PromptPair pair = run.pair("vegan", "I eat", "plants");
    run.baseline(pair, Text.same("b", 0));
    run.cell(pair, SITE, 1, Text.changed("x", 1));

    assertThat(only(scores(run)).targets()).isNaN();
  }

  private static List<SiteScore> scores(SyntheticRun run) {
    return SiteScores.of(EffectGrid.of(ResultTables.load(run.write())));
  }

  private static SiteScore only(List<SiteScore> scores) {
    assertThat(scores).hasSize(1);
    return scores.get(0);
  }
}
