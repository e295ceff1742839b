package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.score.Claim.Judgement;

/** What the first investigation saw of FLAN-T5, judged on made-up runs whose truth is known. */
class EncoderClaimsTest {
  private static final int LAYERS = 4;
  private static final int BASES = 12;
  private static final List<Double> SETTINGS = List.of(1.0, 2.0, 4.0);

  @TempDir Path folder;

  /**
   * @param pull of a layer's block output, at damage 1
   */
  private record Truth(Pull encoder, Pull decoder, double power, boolean replaced) {}

  @FunctionalInterface
  private interface Pull {
    double of(int layer);
  }

  @Test
  void mixesEverywhereDecoderWorseAndReplaced() {
    List<Claim> claims = claims(new Truth(layer -> 0.8, layer -> 0.1, 0.1, true));

    assertThat(claims).hasSize(8);
    assertThat(claims.subList(5, 8)).extracting(Claim::judgement).containsOnly(Judgement.SUPPORTED);
    assertThat(claims.subList(5, 8))
        .extracting(Claim::statement)
        .containsExactly(
            "Mixing works across much of the encoder.",
            "Additions in the decoder work worse than in the encoder.",
            "Large additions in the encoder replace its text.");
    assertThat(claims.get(5).reason())
        .isEqualTo("4 of 4 blocks pull clearly, and texts confirm it.");
  }

  @Test
  void oneBlockIsNotMuchOfTheEncoder() {
    List<Claim> claims = claims(new Truth(layer -> layer == 3 ? 0.8 : 0, layer -> 0.8, 2, false));

    assertThat(claims.subList(5, 8))
        .extracting(Claim::judgement)
        .containsOnly(Judgement.NOT_SUPPORTED);
    assertThat(claims.get(5).reason()).isEqualTo("1 of 4 blocks pull clearly.");
    assertThat(claims.get(7).reason()).isEqualTo("Damage still grows at the largest settings.");
  }

  @Test
  void noGrowthWithoutReplacementIsNoReplacement() {
    Claim claim = claims(new Truth(layer -> 0.8, layer -> 0.8, 0.1, false)).get(7);

    assertThat(claim.judgement()).isEqualTo(Judgement.NOT_SUPPORTED);
    assertThat(claim.reason()).isEqualTo("Answers still depend on the base prompt.");
  }

  @Test
  void runsWithoutAnEncoderAreJudgedByTheFiveAlone() {
    SyntheticRun run = new SyntheticRun(folder.resolve("decoder"));
    for (int base = 0; base < BASES; base++) {
      PromptPair pair = run.pair("joy", "base " + base, "I am happy.");
      run.baseline(pair, Text.same(" text " + base, 0));
      run.cell(pair, SyntheticRun.whole(HookPoint.VALUE, 0), 1, Text.changed(" other", 0.5));
    }

    assertThat(Analysis.of(ResultTables.load(run.write()), LAYERS).all().claims()).hasSize(5);
  }

  private List<Claim> claims(Truth truth) {
    SyntheticRun run = new SyntheticRun(folder.resolve("run"));
    for (int base = 0; base < BASES; base++) {
      PromptPair pair = run.pair("joy", "base " + base, "I am happy.");
      run.baseline(pair, Text.same(" text " + base, 0));
      for (int layer = 0; layer < LAYERS; layer++) {
        double jitter = 0.01 * (base % 3 - 1);
        Site encoder = SyntheticRun.whole(HookPoint.ENCODER_RESIDUAL_POST, layer);
        Site decoder = SyntheticRun.whole(HookPoint.RESIDUAL_POST, layer);
        for (double setting : SETTINGS) {
          String text = truth.replaced && setting == 4 ? " I am happy." : " text " + base + setting;
          double damage = 1.2 * Math.pow(setting / 4, truth.power);
          run.cell(pair, encoder, setting, text(text, truth.encoder.of(layer) + jitter, damage));
          run.cell(pair, decoder, setting, text(" x " + base, truth.decoder.of(layer), damage));
        }
      }
    }
    return Analysis.of(ResultTables.load(run.write()), LAYERS).all().claims();
  }

  private static Text text(String text, double pull, double damage) {
    return Text.changed(text, pull).with(Measure.DAMAGE, damage);
  }
}
