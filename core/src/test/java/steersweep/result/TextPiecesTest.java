package steersweep.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextPiecesTest {
  @Test
  void wordsSignsAndExtraSpacesArePieces() {
    assertThat(TextPieces.of("I ate 12 peas,  didn't I?\n"))
        .containsExactly("I", "ate", "1", "2", "peas", ",", " ", "didn", "'", "t", "I", "?", "\n");
  }

  @Test
  void longRunsOfLettersAreSeveralPieces() {
    assertThat(TextPieces.of("Â".repeat(20))).containsExactly("Â".repeat(8), "Â".repeat(8), "ÂÂÂÂ");
  }

  @Test
  void theDifferenceIsTheShareThatIsNotShared() {
    assertThat(TextPieces.difference(List.of("a", "b"), List.of("b", "a"))).isZero();
    assertThat(TextPieces.difference(List.of("a"), List.of("b"))).isEqualTo(1);
    assertThat(TextPieces.difference(List.of("a", "a", "b"), List.of("a"))).isEqualTo(0.5);
    assertThat(TextPieces.difference(List.of(), List.of())).isZero();
    assertThat(TextPieces.difference(List.of(), List.of("a"))).isEqualTo(1);
  }
}
