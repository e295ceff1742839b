package steersweep.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.error.UserError;
import steersweep.model.HookPoint;

class PublishedCsvTest {
  private static final String HEADER = "multiplier,layer,type,text\n";

  @TempDir Path folder;

  @Test
  void everyColumnIsRead() {
    assertThat(rows(HEADER + "1,0,attn,I ate peas\n-2.5,11,activations,I ate\n"))
        .containsExactly(
            new PublishedRow(2, 1, HookPoint.VALUE, 0, "I ate peas"),
            new PublishedRow(3, -2.5, HookPoint.RESIDUAL_POST, 11, "I ate"));
  }

  @Test
  void aRowCountsFromTheLineItStartsIn() {
    assertThat(rows(HEADER + "1,0,attn,\"a\nb\r\n\nc\"\n1,1,attn,d\n"))
        .extracting(PublishedRow::line, PublishedRow::text)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(2L, "a\nb\r\n\nc"),
            org.assertj.core.groups.Tuple.tuple(6L, "d"));
  }

  /** As written by pandas' to_csv with escapechar, by older and newer Python. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"say \"\"no\"\"\"    | say \"no\"",
        "\"say \\\"no\\\"\"    | say \"no\"",
        "\"a, b\"              | a, b",
        "a\\, b                | a, b",
        "\"C:\\\\temp\"        | C:\\temp",
        "\"a \\q\"             | a \\q",
        "=HYPERLINK(1)         | =HYPERLINK(1)",
        "\"\"                  | ``",
      })
  void quotesAndBackslashes(String field, String text) {
    assertThat(rows(HEADER + "1,0,attn," + field + "\n"))
        .extracting(PublishedRow::text)
        .containsExactly(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\0b",
        "\u001b[2J",
        "=1+1",
        "<script>alert(1)</script>",
        "\u202Eevil",
        "\uFFFF",
        "😀",
        "' OR 1"
      })
  void hostileTextsAreTextsLikeOthers(String text) {
    assertThat(rows(HEADER + "1,0,attn," + text + "\n"))
        .extracting(PublishedRow::text)
        .containsExactly(text);
  }

  @Test
  void lineEndsBlankLinesAndAByteOrderMarkDoNotMatter() {
    assertThat(rows("\uFEFF" + HEADER + "1,0,attn,a\r\n\r\n1,1,attn,b")).hasSize(2);
  }

  @Test
  void minusZeroIsTheBaseline() {
    assertThat(rows(HEADER + "-0,0,attn,a\n")).extracting(PublishedRow::scale).containsExactly(0.0);
  }

  @Test
  void allFaultsAreToldAtOnceEachWithItsLine() {
    String file =
        HEADER
            + "x,0,attn,a\n"
            + "1,-1,attn,\"two\nlines\"\n"
            + "1,0,atn,a\n"
            + "1,0,attn\n"
            + "1,0,attn,a,b\n"
            + "1e40,1.5,mlp,a\n"
            + "1,0,attn,fine\n"
            + "1.0,0,attn,again\n";
    assertThat(faults(file))
        .containsExactly(
            "FILE: line 2: multiplier: not a finite 32-bit number; got 'x', expected a number such"
                + " as -5 or 2.5",
            "FILE: line 3: layer: no such layer; got '-1', expected 0..999",
            "FILE: line 5: type: unknown; got 'atn', did you mean 'attn'? (choices: activations,"
                + " attn)",
            "FILE: line 6: got 3 fields, expected 4",
            "FILE: line 7: got 5 fields, expected 4",
            "FILE: line 8: multiplier: not a finite 32-bit number; got '1e40', expected a number"
                + " such as -5 or 2.5",
            "FILE: line 8: layer: no such layer; got '1.5', expected 0..999",
            "FILE: line 8: type: unknown; got 'mlp', (choices: activations, attn)",
            "FILE: line 10: the same multiplier, layer and type as line 9");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "0x10", "1d", "1e-60", "", " 1", "1e999999999", "=1"})
  void onlyPlainNumbersAreMultipliers(String field) {
    assertThat(faults(HEADER + field + ",0,attn,a\n"))
        .singleElement()
        .asString()
        .startsWith("FILE: line 2: multiplier: not a finite 32-bit number; got '" + field + "'");
  }

  @Test
  void aLayerThatTheModelHasNotIsAFault() {
    UserError error =
        catchThrowableOfType(
            UserError.class,
            () -> new PublishedCsv(file(HEADER + "1,32,attn,a\n"), 32).read(row -> {}));
    assertThat(error.faults())
        .singleElement()
        .asString()
        .endsWith("line 2: layer: no such layer; got '32', expected 0..31");
  }

  @Test
  void ofManyFaultsTheFirstAreShownAndTheRestIsCounted() {
    List<String> faults = faults(HEADER + "1,0,attn\n".repeat(100));
    assertThat(faults).hasSize(21);
    assertThat(faults.get(19)).isEqualTo("FILE: line 21: got 3 fields, expected 4");
    assertThat(faults.get(20)).isEqualTo("FILE: and 80 more faults like these");
  }

  @Test
  void otherColumnsAreRefused() {
    assertThat(faults("multiplier,layer,text,type\n1,0,a,attn\n"))
        .containsExactly(
            "FILE: line 1: unknown columns; got 'multiplier,layer,text,type', expected"
                + " multiplier,layer,type,text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", HEADER})
  void aFileWithoutRowsIsRefused(String content) {
    assertThat(faults(content))
        .containsExactly("FILE: no rows; expected multiplier,layer,type,text");
  }

  @Test
  void anOpenQuoteIsAFaultOfTheRowThatOpensIt() {
    assertThat(faults(HEADER + "1,0,attn,a\n1,x,attn,a\n1,1,attn,\"open\nand\nmore\n"))
        .containsExactly(
            "FILE: line 3: layer: no such layer; got 'x', expected 0..999",
            "FILE: line 4: a quoted field without an end; nothing after this row was read");
  }

  @Test
  void textAfterAClosingQuoteIsAFault() {
    assertThat(faults(HEADER + "1,1,attn,\"a\" b\n1,x,attn,a\n"))
        .containsExactly(
            "FILE: line 2: text after a closing quote; a quote inside a field is written as two;"
                + " nothing after this row was read");
  }

  @Test
  void theFirstByteThatIsNotUtf8IsNamedAndTheOtherFaultsToo() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        (HEADER + "1,0,attn," + "é".repeat(9000) + "\n1,1,attn,a")
            .getBytes(StandardCharsets.UTF_8));
    bytes.write(0xE9);
    bytes.writeBytes("\n1,x,attn,a\n".getBytes(StandardCharsets.UTF_8));
    Path file = Files.write(folder.resolve("latin.csv"), bytes.toByteArray());
    assertThat(faults(file))
        .containsExactly(
            "FILE: line 3: not UTF-8 text; got the byte 0xE9, expected a file saved as UTF-8",
            "FILE: line 4: layer: no such layer; got 'x', expected 0..999");
  }

  @Test
  void aCharacterCutOffAtTheEndIsNotUtf8() throws IOException {
    Path file =
        Files.write(
            folder.resolve("cut.csv"),
            (HEADER + "1,0,attn,a\u00C3").getBytes(StandardCharsets.ISO_8859_1));
    assertThat(faults(file))
        .containsExactly(
            "FILE: line 2: not UTF-8 text; got the byte 0xC3, expected a file saved as UTF-8");
  }

  @Test
  void aLongTextIsAFaultAndTheRestIsRead() {
    String text = "a".repeat(PublishedCsv.MOST_CHARACTERS + 1);
    assertThat(faults(HEADER + "1,0,attn," + text + "\n1,x,attn,a\n"))
        .containsExactly(
            "FILE: line 2: text: too long; expected at most 65536 characters",
            "FILE: line 3: layer: no such layer; got 'x', expected 0..999");
  }

  /**
   * Larger than the heap that tests run with would be too slow; what counts is that reading stops.
   */
  @Test
  void anEndlessFieldIsGivenUpEarly() throws IOException {
    Path file = folder.resolve("endless.csv");
    Files.writeString(file, HEADER + "1,0,attn,\"" + "a\n".repeat(1 << 22));
    long before = usedMemory();
    assertThat(faults(file))
        .containsExactly(
            "FILE: line 2: more than 65536 characters in a row; is a closing quote missing?;"
                + " nothing after this row was read");
    assertThat(usedMemory() - before).isLessThan(64L << 20);
  }

  private static long usedMemory() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void missingFilesAndFoldersAreNamed() {
    assertThat(faults(folder.resolve("none.csv")))
        .containsExactly("FILE: no such file; expected a CSV file");
    assertThat(faults(folder)).containsExactly("FILE: a directory; expected a CSV file");
  }

  /** Any bytes end in rows or in faults. */
  @Test
  void anyBytesGiveRowsOrFaults() throws IOException {
    Random random = new Random(5);
    String alphabet = "\",\\\n\r\0 1-.eattnctivs=é\uD83D";
    int faulty = 0;
    for (int i = 0; i < 2000; i++) {
      StringBuilder content = new StringBuilder(HEADER).append("1,0,attn,");
      for (int j = random.nextInt(60); j > 0; j--) {
        content.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      byte[] bytes = content.toString().getBytes(StandardCharsets.UTF_8);
      if (i % 3 == 0) {
        bytes[HEADER.length() + random.nextInt(9)] = (byte) random.nextInt(256);
      }
      Path file = Files.write(folder.resolve("any.csv"), bytes);
      try {
        new PublishedCsv(file, null).read(row -> {});
      } catch (UserError e) {
        assertThat(e.faults()).isNotEmpty().hasSizeLessThan(22);
        faulty++;
      }
    }
    assertThat(faulty).isBetween(200, 1990);
  }

  private List<PublishedRow> rows(String content) {
    List<PublishedRow> rows = new ArrayList<>();
    new PublishedCsv(file(content), null).read(rows::add);
    return rows;
  }

  private List<String> faults(String content) {
    return faults(file(content));
  }

  private static List<String> faults(Path file) {
    UserError error =
        catchThrowableOfType(UserError.class, () -> new PublishedCsv(file, null).read(row -> {}));
    return error.faults().stream().map(fault -> fault.replace(file.toString(), "FILE")).toList();
  }

  private Path file(String content) {
    try {
      return Files.writeString(folder.resolve("published.csv"), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
