package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static steersweep.plan.PlanTexts.CONCEPTS;
import static steersweep.plan.PlanTexts.GRID;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.error.UserError;

/** Files that are no plan at all, and YAML that is read more strictly than YAML asks for. */
class PlanFileTest {
  @TempDir Path folder;

  private List<String> faults(String yaml) {
    return PlanTexts.faults(folder, yaml);
  }

  @Test
  void aMissingFileIsNamedAsTheUserNamedIt() {
    assertThatThrownBy(() -> PlanReader.read(Path.of("conf", "nowhere.yaml")))
        .isInstanceOf(UserError.class)
        .hasMessage("conf/nowhere.yaml: no such file; expected a plan file");
  }

  @Test
  void aDirectoryIsNoPlan() {
    assertThatThrownBy(() -> PlanReader.read(folder))
        .isInstanceOf(UserError.class)
        .hasMessage(folder + ": a directory; expected a plan file");
  }

  @Test
  void aFileThatTheSystemCannotOpenIsNamed() throws IOException {
    Path loop = Files.createSymbolicLink(folder.resolve("loop.yaml"), folder.resolve("loop.yaml"));

    assertThatThrownBy(() -> PlanReader.read(loop))
        .isInstanceOf(UserError.class)
        .message()
        .startsWith(loop + ": cannot be read: ")
        .doesNotContain("null")
        .containsOnlyOnce(loop.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# only a comment\n", "---\n", "\uFEFF"})
  void aFileWithoutKeysIsEmpty(String yaml) {
    assertThat(faults(yaml))
        .containsExactly("demo.yaml: empty; expected a plan with the keys concepts and grid");
  }

  @Test
  void aFileMayHaveOneMebibyteAndNoMore() {
    String plan = CONCEPTS + GRID + "#";
    String largest = plan + "x".repeat((1 << 20) - plan.length());

    assertThat(PlanTexts.read(folder, largest).name()).isEqualTo("demo");
    assertThat(faults(largest + "x"))
        .containsExactly("demo.yaml: too large for a plan; expected at most 1048576 bytes");
  }

  @Test
  void bytesThatAreNoUtf8AreNamedWithTheirPlace() throws IOException {
    Path file = folder.resolve("latin.yaml");
    Files.write(file, new byte[] {'a', ':', '\n', (byte) 0xC3, (byte) 0xA4, (byte) 0xE4, 'x'});

    assertThatThrownBy(() -> PlanReader.read(file))
        .isInstanceOf(UserError.class)
        .hasMessage(
            file
                + ": line 2, column 2: not UTF-8 text; got the byte 0xE4, expected a plan saved as"
                + " UTF-8");
  }

  @Test
  void brokenYamlIsNamedWithItsLineAndColumn() {
    assertThat(faults("name: a\nconcepts: a: b\n"))
        .containsExactly(
            "demo.yaml: line 2, column 12: broken YAML, mapping values are not allowed here; got"
                + " 'concepts: a: b', expected quotes around text that holds a colon, or another"
                + " indentation");
    assertThat(faults("grid:\n\tsettings: [1]\n"))
        .containsExactly(
            "demo.yaml: line 2, column 1: broken YAML, found character '\\t(TAB)' that cannot start"
                + " any token; got 'settings: [1]', expected spaces");
    assertThat(faults("name: *\nconcepts: b\n"))
        .containsExactly(
            "demo.yaml: line 1, column 8: broken YAML, unexpected character found \\n(10) while"
                + " scanning an alias that starts in line 1; got 'name: *'");
    assertThat(faults("grid:\n  settings: [1, 2\n  layers: all\n"))
        .containsExactly(
            "demo.yaml: line 3, column 9: broken YAML, expected ',' or ']', but got : while parsing"
                + " a flow sequence that starts in line 2; got 'layers: all'");
    assertThat(faults("name: \"a\nconcepts: b\n"))
        .containsExactly(
            "demo.yaml: line 3, column 1: broken YAML, found unexpected end of stream while"
                + " scanning a quoted scalar that starts in line 1; got the end of the file");
    assertThat(faults("grid:\n  settings: [1]\n layers: all\n"))
        .containsExactly(
            "demo.yaml: line 3, column 2: broken YAML, expected <block end>, but found '<block"
                + " mapping start>' while parsing a block mapping that starts in line 1; got"
                + " 'layers: all', expected keys of a block at the same indentation");
  }

  @Test
  void controlCharactersOutsideOfEscapesAreNamedWithTheirPlace() {
    assertThat(faults("name: a\ngrid: 🥕\u0007\n"))
        .containsExactly(
            "demo.yaml: line 2, column 8: control character; got U+0007, expected printable text");
  }

  @Test
  void aKeyThatIsNoTextIsNamedWithItsLine() {
    assertThat(faults("name: a\n? [b]\n: c\n"))
        .containsExactly(
            "demo.yaml: line 2, column 4: broken YAML, neither text nor a number; got '? [b]'");
  }

  @Test
  void deepNestingIsRefusedWithoutExhaustingTheStack() {
    List<String> tooDeep = List.of("demo.yaml: nested too deep; expected at most 16 levels");

    assertThat(faults("[".repeat(500_000))).isEqualTo(tooDeep);
    assertThat(faults("{a: ".repeat(100_000))).isEqualTo(tooDeep);
    assertThat(faults("[".repeat(17) + "]".repeat(17))).isEqualTo(tooDeep);
    assertThat(faults("[".repeat(16) + "]".repeat(16))).isNotEqualTo(tooDeep);
  }

  @Test
  void keysGivenTwiceAreFaultsBesideAllOthers() {
    String yaml = "name: demo\n" + CONCEPTS + GRID + "  layers: 3\n  sales: [1]\nname: other\n";

    assertThat(faults(yaml))
        .containsExactly(
            "demo.yaml: grid.layers: key given twice; got it again in line 10, expected each key"
                + " once",
            "demo.yaml: name: key given twice; got it again in line 12, expected each key once",
            "demo.yaml: grid.sales: unknown key; got 'sales', did you mean 'scales'? (choices:"
                + " hook_points, layers, heads, settings, dose, positions, scales)");
  }

  @Test
  void aliasesAreFaultsBecauseTheyWouldBeReadAsTheirNames() {
    String yaml =
        CONCEPTS.replace("My favorite food is", "&food [a, b]")
            + "  - name: other\n    base_prompts: *food\n    steering_prompts: [x, *food]\n"
            + GRID;

    assertThat(faults(yaml))
        .containsExactly(
            "demo.yaml: concepts[1].base_prompts: an alias; got '*food', expected the value"
                + " written out",
            "demo.yaml: concepts[1].steering_prompts[1]: an alias; got '*food', expected the value"
                + " written out");
  }

  @Test
  void aPlanThatIsNothingButAnAliasIsAFault() {
    assertThat(faults("*food\n"))
        .containsExactly("demo.yaml: an alias; got '*food', expected the value written out");
  }

  @Test
  void keysAreShownOnOneLineAndNotEndless() {
    String key = "\"" + "a\\n".repeat(50) + "\": 1\n";

    assertThat(faults(key + key + CONCEPTS + GRID))
        .containsExactly(
            "demo.yaml: "
                + "a\\n".repeat(30)
                + "…: key given twice; got it again in line 2, expected each key once",
            "demo.yaml: "
                + "a\\n".repeat(30)
                + "…: unknown key; got '"
                + "a\\n".repeat(30)
                + "…' (choices: name, concepts, grid, controls, generate)");
  }

  @Test
  void aSecondDocumentIsAFault() {
    assertThat(faults(CONCEPTS + GRID + "---\nname: other\n"))
        .containsExactly("demo.yaml: line 10: a second document; expected one plan in a file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"010", "0x10", "0b11", "1_000", ".inf", "-.inf", ".nan", "+010"})
  void aNumberThatIsNotPlainlyDecimalIsNoNumber(String number) {
    assertThat(faults(PlanTexts.withGridLine("settings: [" + number + "]")))
        .containsExactly(
            "demo.yaml: grid.settings[0]: not a number or range; got '"
                + number
                + "', expected "
                + SettingRanges.EXPECTED);
  }

  @Test
  void theFormsOfDecimalNumbersAreRead() {
    assertThat(
            PlanTexts.read(
                    folder,
                    PlanTexts.withGridLine(
                        "settings: [-5, +3, 0.5, .25, 2., 1e1, -1.5E-3, 20000000000000000000]"))
                .settings())
        .containsExactly(-5.0, 3.0, 0.5, 0.25, 2.0, 10.0, -0.0015, 2e19);
  }
}
