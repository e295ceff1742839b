package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HalvesTest {
  private static List<PromptPair> pairs(String concept, String... bases) {
    List<PromptPair> pairs = new ArrayList<>();
    for (String base : bases) {
      for (String steering : List.of("one", "other")) {
        pairs.add(new PromptPair(pairs.size(), concept, base, steering, List.of()));
      }
    }
    return pairs;
  }

  @Test
  void ofEachConceptHalfOfTheBasePromptsIsInEither() {
    List<PromptPair> pairs = new ArrayList<>(pairs("joy", "a", "b", "c", "d"));
    pairs.addAll(pairs("war", "e", "f"));

    Halves halves = Halves.of(pairs);

    assertThat(halves.choosing()).hasSize(3).filteredOn(List.of("e", "f")::contains).hasSize(1);
    assertThat(halves.confirming()).hasSize(3).doesNotContainAnyElementsOf(halves.choosing());
    assertThat(Halves.of(pairs)).as("the draw is always the same").isEqualTo(halves);
  }

  @Test
  void aBasePromptOfTwoConceptsIsInOneHalf() {
    List<PromptPair> pairs = new ArrayList<>(pairs("joy", "a", "b", "c", "d"));
    pairs.addAll(pairs("war", "a", "b", "c", "d"));

    Halves halves = Halves.of(pairs);

    assertThat(halves.choosing()).hasSize(2);
    assertThat(halves.confirming()).hasSize(2).doesNotContainAnyElementsOf(halves.choosing());
  }
}
