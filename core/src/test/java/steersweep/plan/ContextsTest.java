package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ContextsTest {
  private static Concept concept(String name, List<String> steering, List<String> contrast) {
    return new Concept(name, List.of("I ate"), steering, List.of(), contrast, List.of(), List.of());
  }

  private static PromptPair pair(Concept concept, int steering) {
    return new PromptPair(
        0, concept.name(), "I ate", concept.steeringPrompts().get(steering), List.of());
  }

  private static final Concept JOY =
      concept("joy", List.of("joy 1", "joy 2", "joy 3"), List.of("woe 1", "woe 2", "woe 3"));
  private static final Concept WAR = concept("war", List.of("war 1", "war 2"), List.of());
  private static final Concept SEA = concept("sea", List.of("sea 1"), List.of("land"));

  @Test
  void aCellIsNotJudgedByThePromptThatItWasSteeredWith() {
    Contexts contexts = new Contexts(List.of(JOY, WAR, SEA));

    assertThat(contexts.plus(pair(JOY, 1), JOY)).containsExactly("joy 1", "joy 3");
    assertThat(contexts.minus(pair(JOY, 1), JOY)).containsExactly("woe 1", "woe 3");
    assertThat(contexts.plus(pair(WAR, 0), JOY)).isEqualTo(JOY.steeringPrompts());
    assertThat(contexts.minus(pair(WAR, 0), JOY)).isEqualTo(JOY.contrastPrompts());
    assertThat(contexts.plus(pair(SEA, 0), SEA)).as("there is no other").containsExactly("sea 1");
    assertThat(contexts.minus(pair(SEA, 0), SEA)).containsExactly("land");
  }

  @Test
  void whereThereAreNoContrastPromptsOtherConceptsAreTheOpposite() {
    Contexts three = new Contexts(List.of(JOY, WAR, SEA));

    assertThat(three.minus(pair(WAR, 0), WAR)).containsExactly("joy 1", "joy 2", "joy 3", "sea 1");
    assertThat(three.minus(pair(JOY, 0), WAR))
        .as("read for joy: joy's own prompts are no opposite of war")
        .containsExactly("sea 1");
    assertThat(new Contexts(List.of(JOY, WAR)).minus(pair(JOY, 0), WAR))
        .as("but where there is no third, they are")
        .isEqualTo(JOY.steeringPrompts());
  }

  @Test
  void oneConceptWithoutContrastPromptsHasNothingToCompareWith() {
    assertThat(new Contexts(List.of(WAR)).any()).isFalse();
    assertThat(new Contexts(List.of(SEA)).any()).isTrue();
    assertThat(new Contexts(List.of(WAR, JOY)).any()).isTrue();
  }

  @Test
  void everyPromptIsReadOnce() {
    Concept again = concept("again", List.of("war 2", "new"), List.of("land"));

    assertThat(new Contexts(List.of(WAR, SEA, again)).all())
        .containsExactly("war 1", "war 2", "sea 1", "land", "new");
  }
}
