package steersweep.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.error.Visible;

class EscapingTest {
  @Test
  void htmlTextsAndAttributesAreEscaped() {
    String html = new Html().leaf("p", "<b>&\"'", "title", "\"onmouseover='x'<").toString();

    assertThat(html)
        .isEqualTo("<p title=\"&quot;onmouseover=&#39;x&#39;&lt;\">&lt;b&gt;&amp;&quot;&#39;</p>");
  }

  @Test
  void anElementLeftOpenIsAFault() {
    assertThatThrownBy(() -> new Html().open("p").text("x").toString()).hasMessageContaining("[p]");
  }

  @Test
  void controlCharactersBecomeVisible() {
    assertThat(Visible.text("a\u0000\u001b[31m\u007f\u0085\nb\tc"))
        .isEqualTo("a[U+0000][U+001B][31m[U+007F][U+0085]↵b⇥c");
  }

  @Test
  void directionOverridesHiddenCharactersAndBrokenPairsBecomeVisible() {
    assertThat(Visible.text("a\u202Eb\u200Bc\uD83D\u2028"))
        .isEqualTo("a[U+202E]b[U+200B]c[U+D83D][U+2028]");
  }

  @Test
  void ordinaryWritingStaysAsItIs() {
    String text = "“Grüße”, 日本語 👩\u200D🌾 −1 Ω";

    assertThat(Visible.text(text)).isEqualTo(text);
  }

  @Test
  void markdownStaysOneCellOfText() {
    String cell = Markdown.escape("a|b `c` <script>\n# *d* [e](f) @g http://h");

    assertThat(cell)
        .isEqualTo("a\\|b \\`c\\` &lt;script&gt;↵\\# \\*d\\* \\[e\\](f) @\u2060g http&#58;//h");
  }

  @Test
  void whatIsFilledIntoATemplateIsNotFilledAgain() {
    Map<String, String> values =
        Map.of(
            "title",
            "{{body}}",
            "style",
            "",
            "script",
            "",
            "script_hash",
            "",
            "body",
            "$1 \\ x",
            "cells",
            "",
            "reading",
            "",
            "facts",
            "");

    assertThat(Template.filled("page.html", values))
        .contains("<title>{{body}}</title>")
        .contains("$1 \\ x");
  }

  @Test
  void aTemplateWithoutItsValueIsAFault() {
    assertThatThrownBy(() -> Template.filled("reading.md", Map.of()))
        .hasMessageContaining("reading.md: no value for {{");
  }

  @Test
  void numbersHaveRealMinusSignsAndNoNegativeZero() {
    assertThat(Numbers.signed(-0.126)).isEqualTo("−0.13");
    assertThat(Numbers.signed(0.126)).isEqualTo("+0.13");
    assertThat(Numbers.signed(-0.001)).isEqualTo("0.00");
    assertThat(Numbers.signed(Double.NaN)).isEqualTo("–");
    assertThat(Numbers.fixed(Double.POSITIVE_INFINITY, 2)).isEqualTo("∞");
    assertThat(Numbers.scale(-0.5)).isEqualTo("−0.5");
    assertThat(Numbers.scale(10)).isEqualTo("+10");
  }

  @Test
  void theDifferenceBeginsAtAWord() {
    assertThat(TextExample.difference("a sweet pie", "a sweater")).isEqualTo(2);
    assertThat(TextExample.difference("a sweet pie", "a sweet pie")).isEqualTo(11);
    assertThat(TextExample.difference("", "x")).isEqualTo(0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyHeatmapColourHasReadableNumbers(boolean dark) {
    for (Palette palette : Palette.values()) {
      for (int step = 0; step <= Palette.STEPS; step++) {
        Palette.Colour colour = palette.colour(step, dark);
        assertThat(colour.contrast(colour.readable())).isGreaterThan(4.5);
      }
    }
  }

  @Test
  void theDivergingPaletteIsNeutralAt0AndTellsTheSignsApart() {
    assertThat(Palette.DIVERGING.step(0, -2, 2)).isEqualTo("d20");
    assertThat(Palette.DIVERGING.step(9, -2, 2)).isEqualTo("d40");
    assertThat(Palette.DIVERGING.step(-9, -2, 2)).isEqualTo("d0");
    assertThat(Palette.DIVERGING.colour(20, false)).hasToString("#f7f7f7");
    assertThat(Palette.DIVERGING.colour(40, false)).hasToString("#053061");
    assertThat(Palette.DIVERGING.colour(0, false)).hasToString("#67001f");
  }
}
