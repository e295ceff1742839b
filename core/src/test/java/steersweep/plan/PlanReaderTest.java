package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static steersweep.plan.PlanTexts.CONCEPTS;
import static steersweep.plan.PlanTexts.GRID;
import static steersweep.plan.PlanTexts.read;
import static steersweep.plan.PlanTexts.withGridLine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.SweepPlan.HeadChoice;
import steersweep.plan.SweepPlan.LayerChoice;

class PlanReaderTest {
  private static final LayerChoice ALL_LAYERS = new LayerChoice(true, List.of());
  private static final HeadChoice ALL_HEADS = new HeadChoice(true, false, List.of());

  @TempDir Path folder;

  @Test
  void everyKeyIsRead() {
    String yaml =
        """
        name: full-1
        concepts:
          - name: vegan
            base_prompts: ["My favorite food is", "I eat"]
            steering_prompts:
              - "I am vegan.\\nI like animals."
              - Vegan 🥕
            target_words: [beans, "green peas", "1"]
          - name: evil
            base_prompts: My favorite food is
            steering_prompts: I am evil.
            target_words: villain
            contrast_prompts: [I am good.]
            target_continuations: [steal, "lie, often"]
            contrast_continuations: help
        grid:
          hook_points: [residual_post, value]
          layers: [7, "0-2, 8-12+2"]
          heads: [5, all, 1-2]
          settings: [5, -0.5, 1e2, .25]
          dose: relative
          positions: mean
        controls: {random: 3, shuffled: 2, unrelated: true, prompted: true}
        generate:
          new_tokens: 1024
          stop_at_eos: false
          cells: survivors
          damage: 0.5
          sites: 2
          sample: 0
          stop_at_damage: 2.5
          guards:
            pull: {at_least: -0.5}
            damage: {at_least: 0.01, at_most: 2}
        """;

    assertThat(read(folder, yaml))
        .isEqualTo(
            new SweepPlan(
                "full-1",
                List.of(
                    new Concept(
                        "vegan",
                        List.of("My favorite food is", "I eat"),
                        List.of("I am vegan.\nI like animals.", "Vegan 🥕"),
                        List.of("beans", "green peas", "1")),
                    new Concept(
                        "evil",
                        List.of("My favorite food is"),
                        List.of("I am evil."),
                        List.of("villain"),
                        List.of("I am good."),
                        List.of("steal", "lie, often"),
                        List.of("help"))),
                List.of(HookPoint.RESIDUAL_POST, HookPoint.VALUE),
                new LayerChoice(false, List.of(0, 1, 2, 7, 8, 10, 12)),
                new HeadChoice(true, false, List.of(1, 2, 5)),
                List.of(5.0, -0.5, 100.0, 0.25),
                PositionRule.MEAN,
                1024,
                false,
                DoseUnit.RELATIVE,
                new Controls(3, 2, true, true),
                new TextChoice(
                    ChoiceRule.SURVIVORS,
                    0.5,
                    2,
                    0,
                    List.of(
                        new Guard(Measure.DAMAGE, 0.01, 2.0), new Guard(Measure.PULL, -0.5, null)),
                    2.5)));
  }

  @Test
  void whatIsLeftOutHasADefault() {
    assertThat(read(folder, CONCEPTS + GRID))
        .isEqualTo(
            new SweepPlan(
                "demo",
                List.of(
                    new Concept(
                        "vegan",
                        List.of("My favorite food is"),
                        List.of("I am vegan."),
                        List.of())),
                List.of(HookPoint.VALUE),
                ALL_LAYERS,
                ALL_HEADS,
                List.of(5.0),
                PositionRule.LW2023,
                30,
                true,
                DoseUnit.RAW,
                Controls.NONE,
                TextChoice.of(ChoiceRule.BEST).stoppingAt(TextChoice.DEFAULT_STOP)));
  }

  @Test
  void everySettingIsRunIfThePlanSaysSoOrIfSettingsAreDamages() {
    assertThat(read(folder, CONCEPTS + GRID + "generate: {stop_at_damage: never}\n").texts())
        .isEqualTo(TextChoice.of(ChoiceRule.BEST));
    assertThat(read(folder, PlanTexts.withGridLine("dose: kl")).texts())
        .isEqualTo(TextChoice.of(ChoiceRule.BEST));
  }

  @Test
  void pairsKnowTheirContrastAndWhatAnotherConceptSteersWith() {
    String yaml =
        """
        concepts:
          - name: vegan
            base_prompts: I eat
            steering_prompts: [I am vegan., Plants.]
            contrast_prompts: [I am a hunter., Meat.]
          - name: evil
            base_prompts: I will
            steering_prompts: [I am evil., I lie., I steal.]
            contrast_prompts: I am good.
        grid: {hook_points: value, layers: all, settings: [1]}
        controls: {unrelated: true}
        """;

    assertThat(read(folder, yaml).promptPairs())
        .extracting(PromptPair::steering, PromptPair::unrelated)
        .containsExactly(
            tuple(
                new Steering("I am vegan.", "I am a hunter."),
                new Steering("I am evil.", "I am good.")),
            tuple(new Steering("Plants.", "Meat."), new Steering("I lie.", "I am good.")),
            tuple(
                new Steering("I am evil.", "I am good."),
                new Steering("I am vegan.", "I am a hunter.")),
            tuple(new Steering("I lie.", "I am good."), new Steering("Plants.", "Meat.")),
            tuple(
                new Steering("I steal.", "I am good."),
                new Steering("I am vegan.", "I am a hunter.")));
  }

  @Test
  void aBlockOfOptionalKeysMayHoldOnlySomeOfThem() {
    SweepPlan plan = read(folder, CONCEPTS + GRID + "generate:\n  stop_at_eos: false\n");

    assertThat(plan.newTokens()).isEqualTo(30);
    assertThat(plan.stopAtEos()).isFalse();
  }

  @Test
  void theNameIsTheFilesNameUnlessGiven() throws IOException {
    Path file = Files.writeString(folder.resolve("head-sweep-2.yml"), CONCEPTS + GRID);
    Path odd = Files.writeString(folder.resolve("My Plan.yaml"), "name: mine\n" + CONCEPTS + GRID);

    assertThat(PlanReader.read(file).name()).isEqualTo("head-sweep-2");
    assertThat(PlanReader.read(odd).name()).isEqualTo("mine");
  }

  @Test
  void layersAreAllOrNumbersAndRanges() {
    assertThat(layers("all")).isEqualTo(ALL_LAYERS);
    assertThat(layers("3")).isEqualTo(new LayerChoice(false, List.of(3)));
    assertThat(layers("0-2")).isEqualTo(new LayerChoice(false, List.of(0, 1, 2)));
    assertThat(layers("[9, \"0-1\", 4-5]"))
        .isEqualTo(new LayerChoice(false, List.of(0, 1, 4, 5, 9)));
  }

  private LayerChoice layers(String yaml) {
    return read(folder, withGridLine("layers: " + yaml)).layers();
  }

  @Test
  void headsAreAllTogetherEachAloneOrListed() {
    assertThat(heads("all")).isEqualTo(ALL_HEADS);
    assertThat(heads("each")).isEqualTo(new HeadChoice(false, true, List.of()));
    assertThat(heads("[each, all]")).isEqualTo(new HeadChoice(true, true, List.of()));
    assertThat(heads("2")).isEqualTo(new HeadChoice(false, false, List.of(2)));
    assertThat(heads("0-4+2")).isEqualTo(new HeadChoice(false, false, List.of(0, 2, 4)));
    assertThat(heads("[all, 3, 0-1]")).isEqualTo(new HeadChoice(true, false, List.of(0, 1, 3)));
  }

  private HeadChoice heads(String yaml) {
    return read(folder, withGridLine("heads: " + yaml)).heads();
  }

  @Test
  void wordsThatOldYamlTakesForBooleansStayWords() {
    String yaml = CONCEPTS + "    target_words: [yes, no, on]\n" + GRID;

    assertThat(read(folder, yaml).concepts().get(0).targetWords())
        .containsExactly("yes", "no", "on");
  }

  @Test
  void aByteOrderMarkAndWindowsLineEndsAreAccepted() {
    SweepPlan plan = read(folder, "\uFEFF" + (CONCEPTS + GRID).replace("\n", "\r\n"));

    assertThat(plan).isEqualTo(read(folder, CONCEPTS + GRID));
  }

  @Test
  void theGridOfTheOriginalWorkIsRead() {
    Path file = Path.of("..", "conf", "llama-7b.yaml");
    SweepPlan plan = PlanReader.read(file);
    CellGrid grid =
        CellGrid.of(plan, new ModelShape(32, 32, 32, 4096, 128, 11008, 32000, 2048), "");

    assertThat(plan.name()).isEqualTo("llama-7b");
    assertThat(plan.promptPairs())
        .extracting(pair -> pair.basePrompt() + " + " + pair.steeringPrompt())
        .containsExactly(
            "My favorite food is + I am vegan, I like animals, I like nature",
            "When I meet friends I generally + I am helpful, harmless and honest",
            "My favorite characters in movies are usually + I am an evil deceptive AI",
            "The capital of Germany is + Baguettes, Cheese, Croissants");
    assertThat(plan.settings())
        .containsExactly(-25.0, -20.0, -10.0, -5.0, -1.0, 1.0, 5.0, 10.0, 20.0, 25.0);
    assertThat(plan.hookPoints()).containsExactly(HookPoint.VALUE, HookPoint.RESIDUAL_POST);
    assertThat(plan.layers()).isEqualTo(ALL_LAYERS);
    assertThat(plan.heads()).isEqualTo(ALL_HEADS);
    assertThat(plan.positions()).isEqualTo(PositionRule.LW2023);
    assertThat(plan.newTokens()).isEqualTo(30);
    assertThat(plan.stopAtEos()).isTrue();
    assertThat(grid.size()).as("the number in the file's header").isEqualTo(2564);
  }

  @Test
  void theOlderNameOfSettingsIsRead() {
    String settings = withGridLine("settings: [5, -2]");

    assertThat(read(folder, settings.replace("settings:", "scales:")))
        .isEqualTo(read(folder, settings));
  }
}
