package steersweep.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetWordsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = true,
      quoteCharacter = '`',
      value = {
        // whole words
        "beans, beans.          | beans     | 2",
        "beanstalk, stringbeans | beans     | 0",
        "(beans)-beans/beans    | beans     | 3",
        "beans2 2beans          | beans     | 0",
        "bean's beans_          | bean,beans | 2",
        "``                     | beans     | 0",
        // letter case, letters beyond ASCII
        "BEANS Beans            | beans     | 2",
        "CRÈME crème            | crème     | 2",
        "écrème                 | crème     | 0",
        "жизнь ЖИЗНЬ            | жизнь     | 2",
        // several words, phrases
        "tofu and beans         | beans,tofu | 2",
        "bean curd, bean        | bean curd,bean | 2",
        "bean curd, bean        | bean,bean curd | 2",
        "plant based            | plant based | 1",
        "plant-based            | plant based | 0",
        // characters that mean something in a regular expression
        "c++ c+++ c             | c++       | 2",
        "a.b axb                | a.b       | 1",
        "what? wha              | what?     | 1",
        "\\Q \\E                | \\e       | 1",
        "[x] x                  | [x]       | 1",
        "$5 5                   | $5        | 1",
      })
  void wholeWordsAreCountedWhateverTheirCase(String text, String words, int hits) {
    assertThat(TargetWords.hits(text, List.of(words.split(",")))).isEqualTo(hits);
  }

  @Test
  void aPhraseMayHoldALineBreakOfTheTextOnlyIfItHasOne() {
    assertThat(TargetWords.hits("plant\nbased", List.of("plant based"))).isZero();
    assertThat(TargetWords.hits("beans\nbeans", List.of("beans"))).isEqualTo(2);
  }

  @Test
  void withoutWordsThereIsNoCount() {
    assertThat(TargetWords.hits("beans", List.of())).isNull();
  }
}
