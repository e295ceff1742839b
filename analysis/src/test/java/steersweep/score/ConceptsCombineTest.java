package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConceptsCombineTest {
  @Test
  void aTextThatRecitesTheSteeringPromptCombinesNothing() {
    String prompt = "I am vegan. I like animals.";

    assertThat(ConceptsCombine.recites(" Well, i am vegan, I like rice", prompt)).isTrue();
    assertThat(ConceptsCombine.recites(" I am vegan and like animals", prompt)).isFalse();
    assertThat(ConceptsCombine.recites("", prompt)).isFalse();
    assertThat(ConceptsCombine.recites(" short", "one two three")).isFalse();
  }
}
