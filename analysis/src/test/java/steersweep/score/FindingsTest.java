package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.DemoSizedRun;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;

class FindingsTest {
  private static final Site EARLY = SyntheticRun.whole(HookPoint.VALUE, 1);
  private static final Site LATE = SyntheticRun.whole(HookPoint.VALUE, 6);
  private static final Site BLOCK = SyntheticRun.whole(HookPoint.RESIDUAL_POST, 1);

  private static final int PAIRS = 12;

  @TempDir Path folder;

  @Test
  void theBestIsTheLargestWorkingEffectAtAPositiveScale() {
    SyntheticRun run = new SyntheticRun(folder);
    List<PromptPair> pairs = pairs(run);
    add(run, pairs, EARLY, 2, 0.4, 0);
    add(run, pairs, EARLY, 4, 0.7, 0);
    add(run, pairs, LATE, 4, 5.0, -3);
    add(run, pairs, EARLY, -4, -0.9, 0);
    add(run, pairs, BLOCK, 4, 0.5, 0);

    Findings findings = findings(run);

    Findings.AtHookPoint value = findings.hookPoints().get(0);
    assertThat(value.best())
        .extracting(SiteScore::site, SiteScore::scale)
        .containsExactly(EARLY, 4.0);
    assertThat(value.largest()).extracting(SiteScore::site).isEqualTo(EARLY);
    assertThat(value.opposite()).extracting(SiteScore::scale).isEqualTo(-4.0);
    assertThat(value.count(Outcome.WORKS)).isEqualTo(3);
    assertThat(value.count(Outcome.INCOHERENT)).isEqualTo(1);
    assertThat(findings.hookPoints().get(1).best()).extracting(SiteScore::site).isEqualTo(BLOCK);
    assertThat(findings.best()).get().extracting(SiteScore::site).isEqualTo(EARLY);
    assertThat(findings.tried()).isEqualTo(5);
    assertThat(findings.pairs()).isEqualTo(PAIRS);
    assertThat(findings.basePrompts()).isEqualTo(PAIRS);
  }

  @Test
  void nothingWorksWhenAllIsBrokenOrUnchanged() {
    SyntheticRun run = new SyntheticRun(folder);
    List<PromptPair> pairs = pairs(run);
    add(run, pairs, EARLY, 2, 3, -4);
    add(run, pairs, LATE, 2, 0.01, 0);

    Findings findings = findings(run);

    assertThat(findings.best()).isEmpty();
    assertThat(findings.largest()).get().extracting(SiteScore::site).isEqualTo(LATE);
  }

  @Test
  void theLargestEffectIsThatOfBrokenTextsOnlyIfAllAreBroken() {
    SyntheticRun run = new SyntheticRun(folder);
    List<PromptPair> pairs = pairs(run);
    add(run, pairs, EARLY, 2, 3, -4);
    add(run, pairs, LATE, 2, 4, -4);

    assertThat(findings(run).largest()).get().extracting(SiteScore::site).isEqualTo(LATE);
  }

  @Test
  void workingNegativeScalesAloneAreNoBestSite() {
    SyntheticRun run = new SyntheticRun(folder);
    add(run, pairs(run), EARLY, -2, -0.5, 0);

    Findings findings = findings(run);

    assertThat(findings.best()).isEmpty();
    assertThat(findings.largest()).isEmpty();
    assertThat(findings.count(Outcome.WORKS)).isEqualTo(1);
  }

  @Test
  void aSweepOverPureNoiseFindsNothing() {
    ResultTables tables = ResultTables.load(DemoSizedRun.write(folder, true));

    Findings findings = Analysis.of(tables, 8).findings();

    assertThat(findings.tried()).isEqualTo(480 - 4); // the guards left out four
    assertThat(findings.best()).isEmpty();
  }

  private static List<PromptPair> pairs(SyntheticRun run) {
    List<PromptPair> pairs = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      PromptPair pair = run.pair("vegan", "base " + i, "plants");
      run.baseline(pair, Text.same("b", 0.1 * i));
      pairs.add(pair);
    }
    return pairs;
  }

  private static void add(
      SyntheticRun run,
      List<PromptPair> pairs,
      Site site,
      double scale,
      double effect,
      double fluency) {
    for (PromptPair pair : pairs) {
      double spread = 0.01 * (pair.index() - 5.5);
      run.cell(
          pair,
          site,
          scale,
          Text.changed("x", 0.1 * pair.index() + effect + spread).fluency(fluency));
    }
  }

  private static Findings findings(SyntheticRun run) {
    ResultTables tables = ResultTables.load(run.write());
    return Analysis.of(tables, 8).findings();
  }
}
