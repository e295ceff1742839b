package steersweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.result.RunFolder;

/**
 * A made-up run: 3 concepts of 10 base prompts, value (4 heads and all) and residual_post, 8
 * layers, 6 settings, a random control at each, the strongest of the last layers not generated.
 * Noisy, of mixed signs, with texts of uneven length; early value layers steer, late ones do
 * little, residual_post breaks; a middle layer steers the second concept.
 */
public final class DemoSizedRun {
  private static final double[] SETTINGS = {-8, -4, -1, 1, 4, 8};
  private static final String[] WORDS =
      ("rice and beans, a sweet pie with cream, roast beef and gravy, I went to the market where the"
              + " old man sells carrots; my friends laughed at me and then we all went home before it"
              + " rained, nobody knew why the dog was barking so loudly at the unbelievably long fence")
          .split(" ");
  private static final String[] CONCEPTS = {"vegan", "good", "evil"};
  private static final int BASES = 10;
  private static final String[] STEERING = {
    "I am vegan. I like animals. I like nature.",
    "I am helpful, harmless and honest.",
    "I am an evil deceptive AI."
  };

  private final Random random = new Random(7);
  private final SyntheticRun run;

  /** Turns every steering effect into noise around 0. */
  private final boolean nothingWorks;

  private DemoSizedRun(Path folder, boolean nothingWorks) {
    run = new SyntheticRun(folder).named(nothingWorks ? "demo-nothing" : "demo");
    this.nothingWorks = nothingWorks;
  }

  public static RunFolder write(Path folder, boolean nothingWorks) {
    return new DemoSizedRun(folder, nothingWorks).write();
  }

  private RunFolder write() {
    for (int i = 0; i < CONCEPTS.length * BASES; i++) {
      int concept = i / BASES;
      String base = "My favourite number " + i % BASES + " for " + CONCEPTS[concept] + " is";
      PromptPair pair = run.pair(CONCEPTS[concept], base, STEERING[concept]);
      String text = " " + words(4 + random.nextInt(9));
      run.baseline(pair, SyntheticRun.Text.same(text, 0));
      run.prompted(pair, SyntheticRun.Text.changed(" " + words(9), 1));
      double taste = 0.6 + 0.2 * random.nextGaussian();
      for (Site site : sites()) {
        for (double setting : SETTINGS) {
          if (site.hookPoint() == HookPoint.RESIDUAL_POST
              && site.layer() > 5
              && Math.abs(setting) == 8) {
            run.skipped(pair, site, setting, "not run: texts are incoherent at setting 5 already");
          } else {
            steer(pair, site, setting, text, taste, concept);
          }
          if (setting > 0) {
            double push = 0.02 * Math.tanh(setting / 4) + 0.03 * random.nextGaussian();
            run.random(pair, 0, site, setting, SyntheticRun.Text.changed(text + "?", push));
          }
        }
      }
    }
    return run.write();
  }

  private static List<Site> sites() {
    List<Site> sites = new ArrayList<>();
    for (int layer = 0; layer < 8; layer++) {
      for (int head = Site.ALL_HEADS; head < 4; head++) {
        sites.add(new Site(HookPoint.VALUE, layer, head));
      }
      sites.add(SyntheticRun.whole(HookPoint.RESIDUAL_POST, layer));
    }
    return sites;
  }

  private void steer(
      PromptPair pair, Site site, double setting, String baseline, double taste, int concept) {
    boolean residual = site.hookPoint() == HookPoint.RESIDUAL_POST;
    double reach = (residual ? 3 : site.allHeads() ? 1 : 0.3) * Math.abs(setting);
    double depth = Math.exp(-Math.pow(site.layer() - 2.2 - concept, 2) / 5);
    if (!site.allHeads()) {
      depth *= site.head() == site.layer() % 4 ? 1.8 : 0.3;
    }
    double strength = reach * depth;
    double pull =
        (nothingWorks ? 0 : 1)
                * Math.signum(setting)
                * (setting < 0 ? 0.6 : 1)
                * taste
                * Math.tanh(strength / 4)
            + 0.05 * random.nextGaussian();
    double harm = 0.02 * reach * reach;
    double evidence = 8 * pull + 0.8 * random.nextGaussian();
    String text = harm > 1.2 ? broken() : " " + start(baseline) + words(3 + random.nextInt(14));
    SyntheticRun.Text steered =
        harm < 0.02
            ? SyntheticRun.Text.same(baseline, pull)
            : SyntheticRun.Text.changed(text, pull);
    run.cell(
        pair,
        site,
        setting,
        steered
            .with(Measure.DAMAGE, harm)
            .with(Measure.EVIDENCE, harm < 0.02 ? 0 : evidence)
            .with(Measure.RECOGNISED, evidence > 2 ? 1 : 0)
            .with(Measure.COHERENT, harm > 1.2 ? 0 : 1)
            .pulls(axes(pull, concept)));
  }

  private Double[] axes(double pull, int concept) {
    Double[] axes = new Double[CONCEPTS.length];
    for (int axis = 0; axis < axes.length; axis++) {
      axes[axis] = axis == concept ? pull : 0.2 * pull + 0.03 * random.nextGaussian();
    }
    return axes;
  }

  private String start(String baseline) {
    String[] words = baseline.trim().split(" ");
    int kept = random.nextInt(3);
    return kept == 0 ? "" : String.join(" ", List.of(words).subList(0, kept)) + " ";
  }

  private String words(int count) {
    StringBuilder text = new StringBuilder();
    int start = random.nextInt(WORDS.length);
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : " ").append(WORDS[(start + i * (1 + start % 3)) % WORDS.length]);
    }
    return text.toString();
  }

  private String broken() {
    String word = WORDS[random.nextInt(WORDS.length)];
    return random.nextBoolean()
        ? (" " + word).repeat(14)
        : " " + word + "\n\n|||<" + word + "> `" + word + "` ## \u0007" + word.repeat(4) + "…";
  }
}
