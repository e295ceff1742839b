package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.error.UserError;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.MeanDifference.Pair;
import steersweep.plan.MeanDifference.Tokens;
import steersweep.result.Json;

class SteeringSourcesTest {
  private static final String PAIRS =
      """
      {"positive": "I am glad.", "negative": "I am sad."}
      {"positive": "We laugh.", "negative": "We cry."}
      """;
  private static final String CONCEPT =
      """
      concepts:
        - name: joy
          base_prompts: [Today, Yesterday]
      """;
  private static final String GRID =
      """
      grid: {hook_points: residual_post, layers: [1, 2], settings: [5], positions: mean}
      """;
  private static final ModelShape SHAPE = new ModelShape(4, 2, 2, 8, 4, 8, 10, 64);

  @TempDir Path folder;

  private MeanDifference read(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("joy.jsonl"), content);
    return PairsReader.read(file, "joy.jsonl", Optional.empty());
  }

  @Test
  void aLineOfJsonIsAPair() throws IOException {
    MeanDifference read = read(PAIRS);
    assertThat(read.pairs())
        .containsExactly(
            new Pair("", "I am glad.", "I am sad."), new Pair("", "We laugh.", "We cry."));
    assertThat(read.at()).isEqualTo(Tokens.ALL);
  }

  @Test
  void theListOfContrastiveActivationAdditionIsKnownByItsKeys() throws IOException {
    MeanDifference read =
        read(
            """
            [{"question": "Are you glad? (A) yes (B) no", "answer_matching_behavior": " (A)",
              "answer_not_matching_behavior": " (B)"}]
            """);
    assertThat(read.pairs())
        .containsExactly(new Pair("Are you glad? (A) yes (B) no", " (A)", " (B)"));
    assertThat(read.at()).isEqualTo(Tokens.ANSWER);
    assertThat(read.pairs().get(0).wholeNegative()).isEqualTo("Are you glad? (A) yes (B) no (B)");
  }

  @Test
  void aTraitOfPersonaVectorsAsksEveryQuestionUnderEveryInstruction() throws IOException {
    MeanDifference read =
        read(
            """
            {"instruction": [{"pos": "Be glad.", "neg": "Be sad."}, {"pos": "Laugh.", "neg": "Cry."}],
             "questions": ["Who are you?", "What now?"], "eval_prompt": "unused"}
            """);
    assertThat(read.at()).isEqualTo(Tokens.LAST);
    assertThat(read.pairs())
        .hasSize(4)
        .extracting(Pair::positive, Pair::negative)
        .contains(tuple("Laugh.\n\nWhat now?\n\n", "Cry.\n\nWhat now?\n\n"));
  }

  @Test
  void everyFaultOfAFileIsSaidAtOnce() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    {"positive": "a", "negative": "b"}
                    {"positive": "a"}
                    {"positive": " ", "negative": "b"}
                    {"positive": "a", "negative": "a"}
                    {"text": "a"}
                    """))
        .isInstanceOf(UserError.class)
        .hasMessage(
            """
            joy.jsonl: pair 2: half a pair; expected two texts, the keys positive and negative; question, answer_matching_behavior and answer_not_matching_behavior; or instruction and questions
            joy.jsonl: pair 3: empty; expected two texts
            joy.jsonl: pair 4: the same text twice; expected two that differ
            joy.jsonl: pair 5: not a pair; expected the keys positive and negative; question, answer_matching_behavior and answer_not_matching_behavior; or instruction and questions"""
                .replace("\n", System.lineSeparator()));
  }

  @Test
  void whatIsNotJsonIsSaidWithItsPlace() {
    assertThatThrownBy(() -> read("{\"positive\": \"a\", \"negative\": \"b\"}\n{\"posi"))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("joy.jsonl: pair 2: not JSON: ");
    assertThatThrownBy(() -> read("")).hasMessage("joy.jsonl: no pairs in it");
  }

  @Test
  void aConceptOfPairsHasOneSourceAndIsDescribedByItsFirstPairs() throws IOException {
    Files.writeString(folder.resolve("joy.jsonl"), PAIRS);
    SweepPlan plan = PlanTexts.read(folder, CONCEPT + "    pairs: joy.jsonl\n" + GRID);
    Concept concept = plan.concepts().get(0);
    assertThat(concept.steeringPrompts()).containsExactly("I am glad.", "We laugh.");
    assertThat(concept.contrastPrompts()).containsExactly("I am sad.", "We cry.");
    assertThat(plan.promptPairs())
        .extracting(PromptPair::basePrompt, PromptPair::steering)
        .containsExactly(tuple("Today", concept.source()), tuple("Yesterday", concept.source()));
  }

  @Test
  void ownPromptsDescribePairsInstead() throws IOException {
    Files.writeString(folder.resolve("joy.jsonl"), PAIRS);
    SweepPlan plan =
        PlanTexts.read(
            folder, CONCEPT + "    pairs: joy.jsonl\n    steering_prompts: I am happy.\n" + GRID);
    assertThat(plan.concepts().get(0).steeringPrompts()).containsExactly("I am happy.");
    assertThat(plan.promptPairs()).hasSize(2);
  }

  @Test
  void aPlanWithItsPairsIsReadBackFromTheManifest() throws IOException {
    Files.writeString(folder.resolve("joy.jsonl"), PAIRS);
    SweepPlan plan = PlanTexts.read(folder, CONCEPT + "    pairs: joy.jsonl\n" + GRID);
    Path file = folder.resolve("plan.json");
    Json.write(file, plan);
    assertThat(Json.read(file, SweepPlan.class)).isEqualTo(plan);
  }

  @Test
  void whatPairsCannotBeCombinedWithIsSaidAtOnce() throws IOException {
    Files.writeString(folder.resolve("joy.jsonl"), PAIRS);
    assertThat(
            PlanTexts.faults(
                folder,
                CONCEPT
                    + "    pairs: joy.jsonl\n"
                    + GRID.replace(", positions: mean", "")
                    + "controls: {shuffled: 2}\n"))
        .containsExactly(
            "demo.yaml: grid.positions: pairs and vectors add the same at every position; got lw2023,"
                + " expected mean or last",
            "demo.yaml: controls.shuffled: pairs and vectors have no order of tokens; got 2,"
                + " expected 0");
    assertThat(
            PlanTexts.faults(
                folder,
                CONCEPT
                    + "    pairs: gone.jsonl\n    pair_tokens: first\n    steering_prompts: Joy\n"
                    + GRID))
        .containsExactly(
            "demo.yaml: concepts[0].pair_tokens: unknown choice of tokens; got 'first' (choices: last,"
                + " answer, all)",
            "demo.yaml: concepts[0].pairs: gone.jsonl: no such file; expected pairs of texts");
    assertThat(
            PlanTexts.faults(
                folder,
                CONCEPT
                    + "    pairs: joy.jsonl\n    vector: a.gguf\n    pair_tokens: last\n"
                    + GRID))
        .containsExactly(
            "demo.yaml: concepts[0]: two things to steer with; got pairs and vector, expected one of"
                + " them",
            "demo.yaml: concepts[0].steering_prompts: missing, and a vector does not say what it is"
                + " for; expected steering_prompts (and contrast_prompts), or target_continuations and"
                + " contrast_continuations to judge it by alone");
  }

  @Test
  void aVectorThatNothingIsSaidOfNeedsContinuationsAndAPlanOfItsOwn() throws IOException {
    String continuations =
        "    target_continuations: we laughed\n    contrast_continuations: we cried\n";
    String other =
        """
          - name: calm
            base_prompts: Today
            steering_prompts: I am calm.
            contrast_prompts: I am cross.
        """;
    String vector = CONCEPT + "    vector: a.gguf\n";
    assertThat(PlanTexts.faults(folder, vector + "    contrast_prompts: I am sad.\n" + GRID))
        .containsExactlyInAnyOrder(
            "demo.yaml: concepts[0].contrast_prompts: nothing to contrast with; got no"
                + " steering_prompts, expected steering_prompts beside it",
            "demo.yaml: concepts[0].steering_prompts: missing, and a vector does not say what it is"
                + " for; expected steering_prompts (and contrast_prompts), or target_continuations and"
                + " contrast_continuations to judge it by alone",
            "demo.yaml: concepts[0].vector: a.gguf: vectors are not read here");
    assertThat(
            wordlessFaults(vector + continuations + other + GRID + "controls: {prompted: true}\n"))
        .containsExactly(
            "demo.yaml: concepts: some are judged by prompts, others by continuations alone; got joy"
                + " without steering_prompts, expected steering_prompts for all, or two plans",
            "demo.yaml: controls.prompted: no prompt to put before the base prompt; got joy without"
                + " steering_prompts, expected steering_prompts, or prompted: false");
    assertThat(wordlessFaults(vector + continuations + GRID)).isEmpty();
  }

  private List<String> wordlessFaults(String plan) throws IOException {
    Path file = Files.writeString(folder.resolve("demo.yaml"), plan);
    GivenVector vector =
        new GivenVector(
            "a.gguf", "hash", List.of(GivenVector.At.of(HookPoint.RESIDUAL_POST, 1, new float[8])));
    try {
      SweepPlan read = PlanReader.read(file, new GridFlags(Map.of()), (path, name) -> vector);
      assertThat(read.concepts().get(0).wordless()).isTrue();
      assertThat(read.promptPairs().get(0).steeringPrompt()).isEmpty();
      assertThat(new Contexts(read.concepts()).any()).isFalse();
      return List.of();
    } catch (UserError e) {
      return e.faults().stream().map(fault -> fault.replace(folder + "/", "")).toList();
    }
  }

  @Test
  void aVectorHasToFitEverySiteOfTheGrid() throws IOException {
    GivenVector vector =
        new GivenVector(
            "joy.gguf",
            "1",
            List.of(
                GivenVector.At.of(HookPoint.RESIDUAL_POST, 1, new float[8]),
                GivenVector.At.of(HookPoint.RESIDUAL_POST, 2, new float[6])));
    Path file =
        Files.writeString(
            folder.resolve("demo.yaml"),
            CONCEPT
                + "    vector: joy.gguf\n    steering_prompts: Joy\n"
                + GRID.replace("[1, 2]", "\"1-3\""));
    SweepPlan plan = PlanReader.read(file, GridFlags.NONE, (path, name) -> vector);
    assertThatThrownBy(() -> CellGrid.of(plan, SHAPE, "demo.yaml"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "demo.yaml: concepts 'joy': joy.gguf: residual_post, layer 2: not of this model; got width"
                + " 6, expected 8"
                + System.lineSeparator()
                + "demo.yaml: concepts 'joy': joy.gguf: no vector for residual_post, layer 3");
  }
}
