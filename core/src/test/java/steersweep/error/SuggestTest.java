package steersweep.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SuggestTest {
  private static final List<String> CHOICES = List.of("layers", "heads", "scales");

  @Test
  void theNearestChoiceIsSuggestedAndAllAreListed() {
    assertThat(Suggest.among("scale", CHOICES))
        .isEqualTo("did you mean 'scales'? (choices: layers, heads, scales)");
  }

  @Test
  void letterCaseDoesNotMatter() {
    assertThat(Suggest.among("HEADS", CHOICES))
        .isEqualTo("did you mean 'heads'? (choices: layers, heads, scales)");
  }

  @Test
  void aThirdOfTheLettersMayBeWrong() {
    assertThat(Suggest.among("leyerz", CHOICES)).startsWith("did you mean 'layers'?");
    assertThat(Suggest.among("leyezz", CHOICES)).startsWith("(choices:");
  }

  @Test
  void aShortWordMayHaveOneWrongLetter() {
    assertThat(Suggest.among("ab", List.of("ac"))).isEqualTo("did you mean 'ac'? (choices: ac)");
  }

  @Test
  void nothingIsSuggestedWhenNothingIsNear() {
    assertThat(Suggest.among("temperature", CHOICES)).isEqualTo("(choices: layers, heads, scales)");
  }

  @Test
  void theFirstOfEquallyNearChoicesIsSuggested() {
    assertThat(Suggest.among("bat", List.of("cat", "rat"))).startsWith("did you mean 'cat'?");
  }

  @Test
  void distanceCountsInsertedRemovedAndReplacedLetters() {
    assertThat(Suggest.distance("", "")).isZero();
    assertThat(Suggest.distance("", "abc")).isEqualTo(3);
    assertThat(Suggest.distance("abc", "")).isEqualTo(3);
    assertThat(Suggest.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(Suggest.distance("ab", "ba")).isEqualTo(2);
  }
}
