package steersweep.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.error.UserError;
import steersweep.model.HookPoint;
import steersweep.plan.PlanReader;
import steersweep.plan.Stage;
import steersweep.plan.SweepPlan;
import steersweep.report.Reports;
import steersweep.report.Verdict;
import steersweep.result.Published;
import steersweep.result.RunFolder;

class CsvImportTest {
  private static final String BASE = "For lunch I had";

  @TempDir Path folder;

  /** 3 layers x 2 types x 3 multipliers, with texts of every kind. */
  static Path sample() {
    return Path.of("src/test/resources/published/lunch.csv");
  }

  private CsvImport of(Path file) {
    return new CsvImport(
        file, BASE, "I only eat plants", List.of("beans", "salad"), null, folder.resolve("run"));
  }

  @Test
  void everyRowBecomesACellAfterTheBaseline() {
    RunFolder run = of(sample()).write();
    List<GenericRecord> rows = rows(run);
    assertThat(rows).hasSize(19);
    assertThat(rows.get(0).get("kind")).hasToString("baseline");
    assertThat(rows.get(0).get("text")).hasToString(" a bowl of rice and an egg at home.");
    assertThat(rows.get(0).get("hook_point")).isNull();
    assertThat(rows).extracting(row -> row.get("cell")).doesNotHaveDuplicates();
    assertThat(rows.subList(1, 19))
        .allSatisfy(
            row -> {
              assertThat(row.get("kind")).hasToString("steered");
              assertThat(row.get("base_prompt")).hasToString(BASE);
              assertThat(row.get("steering_prompt")).hasToString("I only eat plants");
              assertThat(row.get("head")).isNull();
              assertThat(row.get("dose")).isNull();
              assertThat((List<?>) row.get("tokens")).isEmpty();
            });
    GenericRecord quoted = rows.get(4);
    assertThat(quoted.get("hook_point")).hasToString("residual_post");
    assertThat(quoted.get("layer")).isEqualTo(0);
    assertThat(quoted.get("setting")).isEqualTo(5.0);
    assertThat(quoted.get("text")).hasToString(" \"soup\",\nthen \"soup\" again");
  }

  @Test
  void whatNeedsAModelIsNullAndTheRestIsScored() {
    Map<String, GenericRecord> scores = scoresByText(of(sample()).write());
    assertThat(scores)
        .allSatisfy(
            (text, row) -> {
              for (String column :
                  List.of("logprob", "uptake", "fluency", "evidence", "coherent")) {
                assertThat(row.get(column)).as(column).isNull();
              }
            });
    GenericRecord beans = scores.get(" a salad of beans, beans and beans.");
    assertThat(beans.get("target_hits")).isEqualTo(4);
    // a salad of beans, beans and beans. | a bowl of rice and an egg at home. : a of and . of 9 +
    // 10
    assertThat((Double) beans.get("difference")).isEqualTo(1 - 2 * 4 / 19.0);
    GenericRecord loop = scores.get(" rice rice rice rice rice rice rice rice");
    assertThat((Double) loop.get("distinct_2")).isEqualTo(1 / 7.0);
    assertThat((Double) scores.get(" a bowl of rice and an egg at home.").get("difference"))
        .isZero();
  }

  @Test
  void theMostCommonLeastSteeredTextStandsInForTheBaseline() {
    RunFolder run = of(sample()).write();
    Published published = run.manifest().published();
    assertThat(published.baseline())
        .isEqualTo("a stand-in: the most common text at the smallest multiplier, 1 (4 of 6 texts)");
    assertThat(published.rows()).isEqualTo(18);
    assertThat(published.layers()).isEqualTo(3);
    assertThat(published.withoutBasePrompt()).isEqualTo(1);
    assertThat(rows(run)).filteredOn(row -> (Boolean) row.get("same_as_baseline")).hasSize(7);
  }

  @Test
  void aTextAtMultiplier0IsTheBaseline() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("zero.csv"),
            "multiplier,layer,type,text\n0,0,attn,For lunch I had tea\n1,0,attn,For lunch I had"
                + " rice\n-1,0,attn,For lunch I had rice\n");
    RunFolder run = of(file).write();
    assertThat(rows(run))
        .extracting(row -> row.get("text").toString())
        .containsExactly(" tea", " rice", " rice");
    assertThat(run.manifest().published().baseline())
        .isEqualTo("the file's text at multiplier 0 (1 of 1 text)");
  }

  @Test
  void thePlanBesideItIsTheGridOfTheFile() {
    RunFolder run = of(sample()).write();
    SweepPlan plan = PlanReader.read(run.path().resolve("plan.yaml"));
    assertThat(plan).isEqualTo(run.manifest().plan());
    assertThat(plan.name()).isEqualTo("lunch");
    assertThat(plan.hookPoints()).containsExactly(HookPoint.VALUE, HookPoint.RESIDUAL_POST);
    assertThat(plan.layers().listed()).containsExactly(0, 1, 2);
    assertThat(plan.settings()).containsExactly(1.0, 5.0, 20.0);
    assertThat(plan.concepts().get(0).targetWords()).containsExactly("beans", "salad");
  }

  @Test
  void theReportSaysWhatIsThereAndWhatIsMissing() throws IOException {
    RunFolder run = of(sample()).write();
    Verdict verdict = Reports.write(run);
    assertThat(verdict.concepts()).isEmpty();
    assertThat(verdict.lines())
        .contains(
            "Of 18 steered texts: value 5 the baseline's text, 1 repetitive, 0 broken off, 3 another"
                + " text; residual_post 1 the baseline's text, 3 repetitive, 2 broken off, 3 another"
                + " text.",
            "Target words: 2 texts have more of them than the baseline (0); most without looping (4) in value layer"
                + " 2 all heads at setting +20.")
        .anySatisfy(
            line -> assertThat(line).startsWith("Missing here, because it needs the model"));
    String html = Files.readString(run.reportFile());
    String summary = Files.readString(run.summaryFile());
    Document page = Jsoup.parse(html);
    assertThat(page.select("main").outerHtml() + summary)
        .doesNotContain("NaN")
        .doesNotContain("null");
    assertThat(page.select("figure")).hasSize(6);
    assertThat(page.select("figure svg desc")).hasSize(6);
    assertThat(page.select("table.texts tbody tr")).hasSize(18);
    assertThat(page.text()).contains("late value 3 1 0 0 2");
    assertThat(run.figures()).isDirectoryContaining("glob:**common-value.svg");
  }

  @Test
  void hostileTextsStayTexts() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("hostile.csv"),
            "multiplier,layer,type,text\n"
                + "1,0,attn,\"For lunch I had <script>alert(1)</script>\"\n"
                + "5,0,attn,\"For lunch I had | [x](javascript:y) @all \0\u001b[31m\u202E\"\n"
                + "9,0,attn,=HYPERLINK(\"\"http://x\"\")\n");
    RunFolder run =
        new CsvImport(file, BASE, "</title><b>", List.of(), 4, folder.resolve("r")).write();
    Reports.write(run);
    Document page = Jsoup.parse(Files.readString(run.reportFile()));
    assertThat(page.select("script:not([type])")).hasSize(1);
    assertThat(page.select("b")).isEmpty();
    assertThat(page.text()).contains("<script>alert(1)</script>", "[U+0000]", "[U+202E]");
    String summary = Files.readString(run.summaryFile());
    assertThat(summary).doesNotContain("\u001b").doesNotContain("<script>");
    assertThat(PlanReader.read(run.path().resolve("plan.yaml")).concepts().get(0).steeringPrompts())
        .containsExactly("</title><b>");
  }

  @Test
  void nothingIsWrittenOfAFileWithFaults() throws IOException {
    Path file = Files.writeString(folder.resolve("bad.csv"), "multiplier,layer,type,text\n1,x,a,b");
    assertThat(faults(of(file))).hasSize(2);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void faultsOfTheOptionsAreToldTogether() throws IOException {
    Files.createDirectories(folder.resolve("full"));
    Files.writeString(folder.resolve("full/x"), "");
    assertThat(
            faults(new CsvImport(sample(), " ", "", List.of("Beans"), 0, folder.resolve("full"))))
        .containsExactly(
            "--base: empty; expected the text that was continued",
            "--steering: empty; expected the text whose activations were added",
            "--target-words: got 'Beans', expected a lower-case word or phrase",
            "--layers: got 0, expected 1..1000",
            "--out: got "
                + folder.resolve("full")
                + ", which holds something; expected a new folder");
  }

  @Test
  void aFileWithoutSteeredTextsIsRefused() throws IOException {
    Path file =
        Files.writeString(folder.resolve("b.csv"), "multiplier,layer,type,text\n0,0,attn,a");
    assertThat(faults(of(file)))
        .containsExactly(file + ": every multiplier is 0; expected steered texts");
  }

  @Test
  void moreRowsThanAUnitHoldsGoToSeveralFiles() throws IOException {
    StringBuilder content = new StringBuilder("multiplier,layer,type,text\n");
    for (int scale = 1; scale <= 500; scale++) {
      for (int layer = 0; layer < 5; layer++) {
        content.append(scale).append(',').append(layer).append(",attn,For lunch I had it\n");
      }
    }
    RunFolder run = of(Files.writeString(folder.resolve("big.csv"), content)).write();
    assertThat(run.finishedUnits(Stage.WRITE))
        .containsExactlyInAnyOrder("unit-000000", "unit-000001");
    assertThat(rows(run)).hasSize(2501).extracting(row -> row.get("cell")).doesNotHaveDuplicates();
    assertThat(run.manifest().units()).isEqualTo(2);
  }

  private static List<String> faults(CsvImport source) {
    return catchThrowableOfType(UserError.class, source::write).faults();
  }

  private static List<GenericRecord> rows(RunFolder run) {
    List<GenericRecord> rows = new ArrayList<>();
    run.readCompletions(row -> rows.add(copy(row)));
    return rows;
  }

  private static Map<String, GenericRecord> scoresByText(RunFolder run) {
    Map<Object, GenericRecord> scores = new HashMap<>();
    run.readScores(row -> scores.put(row.get("cell"), copy(row)));
    Map<String, GenericRecord> byText = new HashMap<>();
    rows(run).forEach(row -> byText.put(row.get("text").toString(), scores.get(row.get("cell"))));
    return byText;
  }

  private static GenericRecord copy(GenericRecord row) {
    Schema schema = row.getSchema();
    return GenericData.get().deepCopy(schema, row);
  }
}
