package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SyntheticRun;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.report.Reports;
import steersweep.result.PairSite;
import steersweep.result.RunFolder;

/** Runs whose pulls are known: layer by layer 0.1, 0.2, ... at damage 0.3. */
class PairFindingsTest {
  private static final int LAYERS = 6;

  @TempDir Path folder;

  private RunFolder run() {
    SyntheticRun run = new SyntheticRun(folder);
    for (int base = 0; base < 6; base++) {
      PromptPair pair = run.pair("vegan", "base " + base, "I am vegan.");
      run.baseline(pair, SyntheticRun.Text.same("pie", 0));
      for (int layer = 0; layer < LAYERS; layer++) {
        SyntheticRun.Text text =
            SyntheticRun.Text.changed("tofu", 0.1 * (layer + 1)).with(Measure.DAMAGE, 0.3);
        run.cell(pair, SyntheticRun.whole(HookPoint.VALUE, layer), 2, text);
      }
    }
    return run.write();
  }

  private static PairSite site(int layer, Double agreement, Double separation) {
    Site site = SyntheticRun.whole(HookPoint.VALUE, layer);
    return new PairSite("vegan", site, 64, agreement, separation);
  }

  @Test
  void ranksThatAgreeWithPullCorrelateAndThoseTurnedRoundTheOtherWay() {
    List<PairSite> sites = new ArrayList<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      sites.add(site(layer, Math.pow(layer, 3) / 300, -1.0 * layer));
    }
    PairFindings found = findings(sites);
    assertThat(found.damage()).isEqualTo(0.3);
    assertThat(found.agreement().n()).isEqualTo(LAYERS);
    assertThat(found.agreement().correlation()).isCloseTo(1, within(1e-9));
    assertThat(found.separation().correlation()).isCloseTo(-1, within(1e-9));
  }

  @Test
  void sitesWithoutAFigureAreLeftOut() {
    List<PairSite> sites = new ArrayList<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      sites.add(site(layer, layer < 2 ? null : 0.1 * layer, layer < 3 ? null : 1.0));
    }
    PairFindings found = findings(sites);
    assertThat(found.agreement().n()).isEqualTo(LAYERS - 2);
    assertThat(found.separation().known()).as("three sites").isFalse();
  }

  @Test
  void theReportSaysWhatThePairsForetold() throws Exception {
    RunFolder run = run();
    List<PairSite> sites = new ArrayList<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      sites.add(site(layer, 0.05 * layer, 0.5 * layer));
    }
    PairSite.write(run.pairsFile(), sites, Map.of());

    Reports.write(run);

    String sentence =
        "vegan: 64 pairs of texts agree most at value layer 5 all heads (cosine +0.25, d′ +2.50)."
            + " Rank correlation, over 6 sites, with the pull found at damage 0.3: agreement +1.00";
    assertThat(Files.readString(run.reportFile())).contains(sentence, "id=\"pairs-agreement-1\"");
    assertThat(Files.readString(run.summaryFile())).contains(sentence);
    assertThat(run.figures().resolve("pairs-separation-1.svg")).exists();
  }

  @Test
  void withoutPairsNothingIsSaidOfThem() throws Exception {
    RunFolder run = run();
    Reports.write(run);
    assertThat(Files.readString(run.reportFile())).doesNotContain("Do the pairs agree?");
  }

  private PairFindings findings(List<PairSite> sites) {
    Analysis analysis = Analysis.of(ResultTables.load(run()), LAYERS);
    return PairFindings.of("vegan", sites, analysis.concepts().get(0).equalDamage());
  }
}
