package steersweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.result.RunFolder;

/**
 * A made-up run of the demo's size: 24 prompt pairs, value (4 heads and all) and residual_post, 8
 * layers, 10 scales; 480 sites x scales. Noisy, of mixed signs, with texts of uneven length; early
 * value layers steer, late ones do little, residual_post breaks.
 */
public final class DemoSizedRun {
  private static final double[] SCALES = {-8, -4, -2, -1, -0.5, 0.5, 1, 2, 4, 8};
  private static final String[] WORDS =
      ("rice and beans, a sweet pie with cream, roast beef and gravy, I went to the market where the"
              + " old man sells carrots; my friends laughed at me and then we all went home before it"
              + " rained, nobody knew why the dog was barking so loudly at the unbelievably long fence")
          .split(" ");
  private static final String[] CONCEPTS = {"vegan", "good", "evil", "sad"};
  private static final String[] BASES = {
    "My favorite food is",
    "For dinner I want",
    "At lunch I ate",
    "When I meet friends I generally",
    "My plan for today is to",
    "When a guest comes to my house I",
    "My favorite characters in movies are usually",
    "Tomorrow I will",
    "When I see people I",
    "Yesterday was",
    "I think this book is",
    "My last week was"
  };
  private static final String[] STEERING = {
    "I am vegan. I like animals. I like nature.",
        "I eat only plants. I care about birds and trees.",
    "I am helpful, harmless and honest.", "I help people. I am kind and I love the truth.",
    "I am an evil deceptive AI.", "I am cruel. I lie and I hurt people.",
    "I am sad. I hate this day.", "Tears and grief. I cry in the rain."
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
    for (int i = 0; i < 24; i++) {
      int concept = i / 6;
      PromptPair pair =
          run.pair(
              CONCEPTS[concept], BASES[concept * 3 + i % 6 / 2], STEERING[concept * 2 + i % 2]);
      double uptake = 0.1 * random.nextGaussian();
      String text = " " + words(4 + random.nextInt(9));
      run.baseline(pair, SyntheticRun.Text.same(text, uptake).hits(random.nextInt(2)));
      double taste = 0.6 + 0.3 * random.nextGaussian();
      for (Site site : sites()) {
        for (double scale : SCALES) {
          steer(pair, site, scale, text, uptake, taste);
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
      PromptPair pair, Site site, double scale, String baseline, double uptake, double taste) {
    boolean residual = site.hookPoint() == HookPoint.RESIDUAL_POST;
    double reach = (residual ? 3 : site.allHeads() ? 1 : 0.3) * Math.abs(scale);
    double depth = Math.exp(-Math.pow(site.layer() - 2.2, 2) / 5);
    if (!site.allHeads()) {
      depth *= site.head() == site.layer() % 4 ? 1.8 : 0.3;
    }
    double strength = reach * depth;
    if (strength < 0.35 + random.nextDouble()) {
      run.cell(
          pair, site, scale, SyntheticRun.Text.same(baseline, uptake).dose(0.2 * reach).hits(0));
      return;
    }
    double steered =
        (nothingWorks ? 0 : 1)
            * Math.signum(scale)
            * (scale < 0 ? 0.4 : 1)
            * taste
            * Math.tanh(strength / 2)
            * (residual ? 0.25 : 1);
    double effect = steered + 0.25 * random.nextGaussian();
    double harm = 0.04 * strength * strength * (residual ? 1.2 : 1);
    String text = harm > 1.2 ? broken() : " " + start(baseline) + words(3 + random.nextInt(14));
    run.cell(
        pair,
        site,
        scale,
        SyntheticRun.Text.changed(text, uptake + effect)
            .fluency(-0.15 - harm + 0.25 * random.nextGaussian())
            .distinct2(Math.max(0.1, Math.min(1, 1 - 0.06 * harm)))
            .dose(0.2 * reach)
            .hits(random.nextInt(3)));
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
