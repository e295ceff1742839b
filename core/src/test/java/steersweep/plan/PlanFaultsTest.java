package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static steersweep.plan.PlanTexts.CONCEPTS;
import static steersweep.plan.PlanTexts.GRID;
import static steersweep.plan.PlanTexts.withGridLine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import steersweep.error.UserError;

/** Faults of plans that are YAML; those of the file itself are in {@link PlanFileTest}. */
class PlanFaultsTest {
  @TempDir Path folder;

  private List<String> faults(String yaml) {
    return PlanTexts.faults(folder, yaml);
  }

  @Test
  void everyFaultOfAPlanIsReportedAtOnce() {
    String yaml =
        """
        name: My Plan
        concepts:
          - name: vegan
            base_prompts: ["My favorite food is", "", "My favorite food is"]
            steering_prompt: I am vegan.
          - name: vegan
            base_prompts: 3
            steering_prompts: []
            target_words: [Beans, " peas", true]
          - evil
        grid:
          hook_points: [valu, residual_post, residual_post]
          layers: [0, -1, 5-2, all]
          heads: [each, 3]
          settings: [5, "5", 0, 5.0, x]
          positions: [mean]
          seed: 1
        generate:
          new_tokens: 0
          stop_at_eos: yes
        """;

    assertThat(faults(yaml))
        .containsExactly(
            "demo.yaml: grid.seed: unknown key; got 'seed' (choices: hook_points, layers, heads,"
                + " settings, dose, positions, scales)",
            "demo.yaml: name: not a name; got 'My Plan', expected at most 100 lower-case"
                + " letters, digits and hyphens, such as my-sweep",
            "demo.yaml: concepts[0].steering_prompt: unknown key; got 'steering_prompt', did you"
                + " mean 'steering_prompts'? (choices: name, base_prompts, steering_prompts,"
                + " contrast_prompts, target_words, target_continuations, contrast_continuations, pairs, pair_tokens, vector)",
            "demo.yaml: concepts[0].base_prompts[1]: blank; got nothing, expected text",
            "demo.yaml: concepts[0].base_prompts[2]: already given at concepts[0].base_prompts[0];"
                + " got 'My favorite food is', expected no doubles",
            "demo.yaml: concepts[0].steering_prompts: missing; expected text or a list of texts",
            "demo.yaml: concepts[1].name: already given at concepts[0].name; got 'vegan', expected"
                + " no doubles",
            "demo.yaml: concepts[1].base_prompts: not text; got 3, expected text, here in quotes:"
                + " \"3\"",
            "demo.yaml: concepts[1].steering_prompts: empty; got an empty list, expected text or a"
                + " list of texts",
            "demo.yaml: concepts[1].target_words[0]: not a lower-case word or phrase; got 'Beans',"
                + " expected 'beans'",
            "demo.yaml: concepts[1].target_words[1]: not a lower-case word or phrase; got ' peas',"
                + " expected 'peas'",
            "demo.yaml: concepts[1].target_words[2]: not text; got true, expected text, here in"
                + " quotes: \"true\"",
            "demo.yaml: concepts[2]: not a block of keys; got 'evil', expected the keys name,"
                + " base_prompts, steering_prompts, contrast_prompts, target_words,"
                + " target_continuations, contrast_continuations, pairs, pair_tokens, vector",
            "demo.yaml: grid.hook_points[0]: unknown hook point; got 'valu', did you mean 'value'?"
                + " (choices: value, head_output, attention_output, mlp_output, residual_post,"
                + " cross_value, cross_attention_output, encoder_value, encoder_head_output,"
                + " encoder_attention_output, encoder_mlp_output, encoder_residual_post)",
            "demo.yaml: grid.hook_points[2]: already given at grid.hook_points[1]; got"
                + " 'residual_post', expected no doubles",
            "demo.yaml: grid.layers[1]: negative; got -1, expected numbers from 0 to 99999",
            "demo.yaml: grid.layers[2]: backward range; got '5-2', expected '2-5'",
            "demo.yaml: grid.layers[3]: not a number or range; got 'all', expected all, or numbers"
                + " (3), ranges (0-7) or ranges with a step (0-30+2)",
            "demo.yaml: grid.heads: each already holds every head; got each together with numbers,"
                + " expected either each or numbers",
            "demo.yaml: grid.settings[1]: already given at grid.settings[0]; got 5, expected no"
                + " doubles",
            "demo.yaml: grid.settings[2]: 0 is the baseline, which is always run; got 0, expected a"
                + " number other than 0",
            "demo.yaml: grid.settings[3]: already given at grid.settings[0]; got 5.0, expected no"
                + " doubles",
            "demo.yaml: grid.settings[4]: not a number or range; got 'x', expected numbers other than"
                + " 0 (0.3), whole ranges (1-5) or ranges with a step (-1-1+0.5)",
            "demo.yaml: grid.positions: unknown position rule; got a list (choices: lw2023, prompt,"
                + " mean, last)",
            "demo.yaml: generate.new_tokens: not a number of tokens; got 0, expected a whole number"
                + " from 1 to 1024",
            "demo.yaml: generate.stop_at_eos: not true or false; got 'yes', expected true or false"
                + " without quotes");
  }

  @Test
  void whatMustBeThereIsNamed() {
    assertThat(faults("name: a\n"))
        .containsExactly(
            "demo.yaml: concepts: missing; expected a list of concepts",
            "demo.yaml: grid.hook_points: missing; expected one or a list of value, head_output,"
                + " attention_output, mlp_output, residual_post,"
                + " cross_value, cross_attention_output, encoder_value, encoder_head_output,"
                + " encoder_attention_output, encoder_mlp_output, encoder_residual_post",
            "demo.yaml: grid.layers: missing; expected all, or numbers (3), ranges (0-7) or ranges"
                + " with a step (0-30+2)",
            "demo.yaml: grid.settings: missing; expected numbers other than 0 (0.3), whole ranges"
                + " (1-5) or ranges with a step (-1-1+0.5)");
    assertThat(faults("concepts: [{}]\n" + GRID))
        .containsExactly(
            "demo.yaml: concepts[0].name: missing; expected text",
            "demo.yaml: concepts[0].base_prompts: missing; expected text or a list of texts",
            "demo.yaml: concepts[0].steering_prompts: missing; expected text or a list of texts");
  }

  @Test
  void aWrongTypeIsReportedOnceAndNothingInsideIt() {
    assertThat(faults("- a\n- b\n"))
        .containsExactly(
            "demo.yaml: not a block of keys; got a list, expected the keys name, concepts, grid,"
                + " controls, generate");
    assertThat(faults("concepts: vegan\ngrid: 3\ngenerate:\n"))
        .containsExactly(
            "demo.yaml: grid: not a block of keys; got 3, expected the keys hook_points, layers,"
                + " heads, settings, dose, positions, scales",
            "demo.yaml: generate: not a block of keys; got nothing, expected the keys new_tokens,"
                + " stop_at_eos, cells, damage, sites, sample, guards,"
                + " stop_at_damage",
            "demo.yaml: concepts: not a list; got 'vegan', expected a list of concepts");
    assertThat(faults("name: [a]\nconcepts: []\n" + GRID))
        .containsExactly(
            "demo.yaml: name: not text; got a list, expected text",
            "demo.yaml: concepts: empty; got an empty list, expected a list of concepts");
  }

  @Test
  void aFilesNameThatIsNoNameIsReportedWithTheRest() throws IOException {
    Path file = Files.writeString(folder.resolve("My Plan.yaml"), CONCEPTS);

    Assertions.assertThatThrownBy(() -> PlanReader.read(file))
        .isInstanceOfSatisfying(
            UserError.class,
            error ->
                assertThat(error.faults())
                    .hasSize(4)
                    .contains(
                        file
                            + ": name: missing, and the file's name cannot stand for it; got 'My"
                            + " Plan', expected at most 100 lower-case letters, digits and hyphens,"
                            + " such as my-sweep"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "settings: [] | grid.settings: empty; got an empty list, expected "
            + SettingRanges.EXPECTED,
        "settings: | grid.settings: not a number or range; got nothing, expected "
            + SettingRanges.EXPECTED,
        "settings: 0 | grid.settings: 0 is the baseline, which is always run; got 0, expected a number other than 0",
        "settings: [-0.0] | grid.settings[0]: 0 is the baseline, which is always run; got -0.0, expected a number other than 0",
        "settings: [null] | grid.settings[0]: not a number or range; got nothing, expected "
            + SettingRanges.EXPECTED,
        "settings: [.inf] | grid.settings[0]: not a number or range; got '.inf', expected "
            + SettingRanges.EXPECTED,
        "settings: [010] | grid.settings[0]: not a number or range; got '010', expected "
            + SettingRanges.EXPECTED,
        "settings: [1e99] | grid.settings[0]: not a finite 32-bit number; got 1.0E99, expected a size between 1e-45 and 3e38",
        "settings: [1e-60] | grid.settings[0]: not a finite 32-bit number; got 1.0E-60, expected a size between 1e-45 and 3e38",
        "heads: [all, all] | grid.heads[1]: already given at grid.heads[0]; got 'all', expected no"
            + " doubles",
        "heads: some    | grid.heads: not a number or range; got 'some', expected all, each,"
            + " numbers (3), ranges (0-7) or ranges with a step (0-30+2)",
        "heads: []      | grid.heads: empty; got an empty list, expected all, each, numbers (3),"
            + " ranges (0-7) or ranges with a step (0-30+2)",
        "positions: last2023 | grid.positions: unknown position rule; got 'last2023' (choices:"
            + " lw2023, prompt, mean, last)",
        "positions: lw2024 | grid.positions: unknown position rule; got 'lw2024', did you mean"
            + " 'lw2023'? (choices: lw2023, prompt, mean, last)",
        "hook_points: 7 | grid.hook_points: unknown hook point; got 7 (choices: value, head_output,"
            + " attention_output, mlp_output, residual_post,"
            + " cross_value, cross_attention_output, encoder_value, encoder_head_output,"
            + " encoder_attention_output, encoder_mlp_output, encoder_residual_post)",
      })
  void aFaultOfTheGridNamesItsKey(String line, String fault) {
    assertThat(faults(withGridLine(line))).containsExactly("demo.yaml: " + fault);
  }

  @ParameterizedTest
  @CsvSource({"1025, 1025", "-1, -1", "16.0, 16.0", "'\"16\"', '''16'''", "9999999999, 9999999999"})
  void newTokensIsAWholeNumberWithinLimits(String yaml, String shown) {
    assertThat(faults(CONCEPTS + GRID + "generate: {new_tokens: " + yaml + "}\n"))
        .containsExactly(
            "demo.yaml: generate.new_tokens: not a number of tokens; got "
                + shown
                + ", expected a whole number from 1 to 1024");
  }

  @ParameterizedTest
  @CsvSource({"'a\\rb', U+000D", "'a\\0', U+0000", "'\\x85', U+0085", "'\\uD83Dx', U+D83D"})
  void controlCharactersAndHalvesOfSurrogatePairsAreNoText(String text, String shown) {
    String yaml = CONCEPTS.replace("I am vegan.", "\"" + text + "x\"") + GRID;

    assertThat(faults(yaml))
        .containsExactly(
            "demo.yaml: concepts[0].steering_prompts: control character; got "
                + shown
                + ", expected no control characters but line breaks (\\n) and tabs");
  }

  @Test
  void aPromptMayHoldTabsAndLineBreaks() {
    String yaml = CONCEPTS.replace("I am vegan.", "\"a\\tb\\n\"") + GRID;

    assertThat(PlanTexts.read(folder, yaml).promptPairs().get(0).steeringPrompt())
        .isEqualTo("a\tb\n");
  }

  @Test
  void longTextIsShownInPartAndOnOneLine() {
    String yaml = withGridLine("positions: \"" + "🥕\\n\\t\\u0007".repeat(100) + "\"");

    assertThat(faults(yaml))
        .containsExactly(
            "demo.yaml: grid.positions: unknown position rule; got '"
                + "🥕\\n\\t\\u0007".repeat(15)
                + "…' (choices: lw2023, prompt, mean, last)");
  }

  private static final String TWO_CONCEPTS =
      CONCEPTS
          + """
            - name: evil
              base_prompts: I will
              steering_prompts: [I am evil., I lie.]
          """;

  @Test
  void contrastPromptsAndContinuationsComeWithTheirCounterparts() {
    String yaml =
        TWO_CONCEPTS
            + """
                  contrast_prompts: [a, a, b]
                  target_continuations: [" tofu", beans]
              """
            + GRID;

    assertThat(faults(yaml))
        .containsExactly(
            "demo.yaml: concepts[1].contrast_prompts: contrast prompts without their steering"
                + " prompts; got 3 for 2, expected one, or as many as there are steering prompts",
            "demo.yaml: concepts[1]: target_continuations and contrast_continuations are compared"
                + " with each other; got one of them, expected both or none");
  }

  @Test
  void controlsAndDoseAreChecked() {
    String yaml =
        withGridLine("dose: relativ")
            + """
              controls: {random: -1, shufled: 2, shuffled: 101, unrelated: true, prompted: yes}
              """;

    assertThat(faults(yaml))
        .containsExactly(
            "demo.yaml: controls.shufled: unknown key; got 'shufled', did you mean 'shuffled'?"
                + " (choices: random, shuffled, unrelated, prompted)",
            "demo.yaml: controls.unrelated: no other concept to take a prompt from; got 1 concept,"
                + " expected 2 or more",
            "demo.yaml: controls.random: not a number of draws; got -1, expected a whole number"
                + " from 0 to 100",
            "demo.yaml: controls.shuffled: not a number of draws; got 101, expected a whole number"
                + " from 0 to 100",
            "demo.yaml: controls.prompted: not true or false; got 'yes', expected true or false"
                + " without quotes",
            "demo.yaml: grid.dose: unknown dose; got 'relativ', did you mean 'relative'? (choices:"
                + " raw, relative, kl)");
  }

  @Test
  void settingsStopAtADamageOrNever() {
    assertThat(faults(CONCEPTS + GRID + "generate: {stop_at_damage: always}\n"))
        .containsExactly(
            "demo.yaml: generate.stop_at_damage: not a damage; got 'always', expected never, or nats"
                + " per token, a number above 0");
    assertThat(faults(CONCEPTS + GRID + "generate: {stop_at_damage: 0}\n"))
        .containsExactly(
            "demo.yaml: generate.stop_at_damage: not a damage; got 0, expected nats per token, a"
                + " number above 0");
    assertThat(faults(PlanTexts.withGridLine("dose: kl") + "generate: {stop_at_damage: 3}\n"))
        .containsExactly(
            "demo.yaml: generate.stop_at_damage: settings are damages already; got 3, expected no"
                + " stop_at_damage beside dose: kl");
  }

  @Test
  void guardsBelongToSurvivors() {
    String guards = "guards: {damage_last: {at_most: 1}}";

    assertThat(faults(CONCEPTS + GRID + "generate: {" + guards + "}\n"))
        .containsExactly(
            "demo.yaml: generate.guards: guards belong to survivors; got cells: best, expected cells:"
                + " survivors");
    assertThat(faults(CONCEPTS + GRID + "generate: {cells: survivors}\n"))
        .containsExactly(
            "demo.yaml: generate.guards: missing; expected guards such as {damage:"
                + " {at_most: 2}} with cells: survivors");
    assertThat(faults(CONCEPTS + GRID + "generate: {cells: survivors, guards: {}}\n"))
        .containsExactly(
            "demo.yaml: generate.guards: no guard; got nothing to be skipped by, expected guards"
                + " such as {damage: {at_most: 2}} with cells: survivors");
    assertThat(faults(CONCEPTS + GRID + "generate: {cells: surviors, " + guards + "}\n"))
        .first()
        .isEqualTo(
            "demo.yaml: generate.cells: unknown choice of cells; got 'surviors', did you mean"
                + " 'survivors'? (choices: best, all, survivors)");
  }

  @Test
  void whatIsPutToTheTestIsCountedInWholeNumbers() {
    assertThat(faults(CONCEPTS + GRID + "generate: {damage: 0, sites: 0, sample: 1.5}\n"))
        .containsExactly(
            "demo.yaml: generate.damage: not a damage; got 0, expected nats per token, a number"
                + " above 0",
            "demo.yaml: generate.sites: not a number of sites; got 0, expected a whole number from 1"
                + " to 10000",
            "demo.yaml: generate.sample: not a number of sampled sites; got 1.5, expected a whole"
                + " number from 0 to 10000");
  }

  @Test
  void aGuardHasBoundsAndWhatItsScoreNeeds() {
    String yaml =
        TWO_CONCEPTS
            + GRID
            + """
              generate:
                cells: survivors
                guards:
                  kl: {at_most: 1}
                  damage: {at_least: 2, at_most: 1}
                  damage_last: {at_most: high}
                  pull: {}
                  log_odds: {at_last: 1, at_least: 0}
              """;

    assertThat(faults(yaml))
        .containsExactly(
            "demo.yaml: generate.guards.kl: unknown key; got 'kl' (choices: damage,"
                + " damage_last, pull, alignment, log_odds)",
            "demo.yaml: generate.guards.damage: nothing is within; got at_least 2.0,"
                + " at_most 1.0, expected the other order",
            "demo.yaml: generate.guards.damage_last.at_most: not a number; got 'high', expected a"
                + " number without quotes",
            "demo.yaml: generate.guards.pull: no bound; got a block of keys, expected"
                + " at_least, at_most or both",
            "demo.yaml: generate.guards.log_odds.at_last: unknown key; got 'at_last', did you mean"
                + " 'at_least'? (choices: at_least, at_most)",
            "demo.yaml: generate.guards.log_odds: log-odds need continuations; got none for"
                + " concept 'vegan', expected target_continuations and contrast_continuations",
            "demo.yaml: generate.guards.log_odds: log-odds need continuations; got none for"
                + " concept 'evil', expected target_continuations and contrast_continuations");
  }
}
