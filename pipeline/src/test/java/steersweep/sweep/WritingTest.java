package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.engine.Score;
import steersweep.engine.Steer;
import steersweep.measure.Measure;
import steersweep.plan.Cell;
import steersweep.plan.CellKind;
import steersweep.plan.Concept;
import steersweep.plan.Contexts;
import steersweep.plan.DoseUnit;
import steersweep.plan.PromptPair;
import steersweep.plan.SweepPlan;
import steersweep.plan.Unit;
import steersweep.result.CompletionRow;
import steersweep.result.ReadingRow;
import steersweep.result.ScoreRow;
import steersweep.sweep.Writing.Written;

/** Texts of cells, and what the unsteered model thinks of them, on a small real model. */
class WritingTest {
  private static final SweepPlan PLAN = TinyModel.plan(DoseUnit.RAW, TinyModel.JOY, TinyModel.WAR);
  private static final Contexts CONTEXTS = new Contexts(PLAN.concepts());

  @TempDir static Path folder;
  private static TinyModel model;
  private static Writing writing;
  private static List<ReadingRow> readings;
  private static List<Written> written;
  private static List<ScoreRow> scores;

  @BeforeAll
  static void write() throws IOException {
    model = TinyModel.open(folder);
    List<Cell> cells = new ArrayList<>();
    for (Unit unit : model.grid(PLAN).units(1000)) {
      cells.addAll(model.grid(PLAN).cells(unit));
    }
    Placing placing = model.placing(PLAN);
    readings = model.screening(PLAN, placing).rows("unit-000000", cells);
    writing =
        new Writing(
            model.engine(),
            model.tokenizer(),
            placing,
            TinyModel.NEW_TOKENS,
            List.of(),
            TinyModel.BATCH);
    written = writing.write("unit-000009", readings);
    scores =
        new TextScores(model.engine(), model.tokenizer(), CONTEXTS, TinyModel.BATCH)
            .rows("unit-000009", written);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void aTextThatIsContinuedFromWhereItLeavesTheBaselinesIsTheOneThatIsDecoded() {
    int changed = 0;
    for (int i = 0; i < written.size(); i++) {
      CompletionRow row = written.get(i).row();
      assertThat(row.at().cell()).isEqualTo(readings.get(i).cell());
      assertThat(row.at().unit()).isEqualTo("unit-000009");
      if (written.get(i).cell().request() != null) {
        List<Steer.Completion> decoded =
            Steer.decode(
                model.engine(),
                List.of(written.get(i).cell().steered()),
                TinyModel.NEW_TOKENS,
                List.of(),
                1);
        assertThat(row.tokens()).isEqualTo(decoded.get(0).tokens());
        changed += row.sameAsBaseline() ? 0 : 1;
      }
    }
    assertThat(changed).isGreaterThan(10);
  }

  @Test
  void unsteeredCellsHaveTheModelsOwnTexts() {
    for (Written one : written) {
      PairContext context = one.cell().context();
      if (one.row().cell().kind() == CellKind.BASELINE) {
        assertThat(one.row().tokens()).isEqualTo(context.tokens());
        assertThat(one.row().sameAsBaseline()).isTrue();
      } else if (one.row().cell().kind() == CellKind.PROMPTED) {
        assertThat(one.row().tokens()).isEqualTo(context.prompted().tokens());
      }
    }
  }

  @Test
  void aCellThatCouldNotBeReadHasNoText() {
    ReadingRow failed = ReadingRow.failed(readings.get(5).at(), "broken");

    List<Written> one = writing.write("u", List.of(readings.get(0), failed));

    assertThat(one.get(0).row().status()).isEqualTo(CompletionRow.OK);
    assertThat(one.get(1).row().status()).isEqualTo(CompletionRow.FAILED);
    assertThat(one.get(1).row().message()).isEqualTo("broken");
    assertThat(one.get(1).row().tokens()).isEmpty();
  }

  private static double after(String prompt, Written one) {
    PromptPair pair = one.cell().cell().pair();
    int[] joined = model.tokenizer().encode(Contexts.joined(prompt, pair.basePrompt()));
    List<Integer> tokens = one.row().tokens();
    List<Score.Text> text = List.of(new Score.Text(joined, tokens));
    return tokens.size() * Score.meanLogprobs(model.engine(), text, 1)[0];
  }

  private static double after(List<String> prompts, Written one) {
    return prompts.stream().mapToDouble(prompt -> after(prompt, one)).average().orElseThrow();
  }

  @Test
  void evidenceIsWhatContextsThatTheCellWasNotSteeredWithSay() {
    int judged = 0;
    TreeSet<Double> recognised = new TreeSet<>();
    for (int i = 0; i < written.size(); i++) {
      Written one = written.get(i);
      ScoreRow score = scores.get(i);
      assertThat(score.cell()).isEqualTo(one.row().cell().index());
      if (score.measures().get(Measure.COHERENT) == 0) {
        assertThat(score.evidences()).isEmpty();
        assertThat(score.measures().get(Measure.EVIDENCE)).isNull();
        continue;
      }
      judged++;
      PromptPair pair = one.cell().cell().pair();
      for (int c = 0; c < 2; c++) {
        Concept concept = PLAN.concepts().get(c);
        double expected =
            after(CONTEXTS.plus(pair, concept), one) - after(CONTEXTS.minus(pair, concept), one);
        assertThat(score.evidences().get(c)).isCloseTo(expected, within(1e-4));
      }
      int own = CONTEXTS.concept(pair);
      assertThat(score.measures().get(Measure.EVIDENCE)).isEqualTo(score.evidences().get(own));
      Double known = score.measures().get(Measure.RECOGNISED);
      assertThat(known).isEqualTo(recognised(one));
      if (known != null) {
        recognised.add(known);
      }
    }
    assertThat(judged).isGreaterThan(10);
    assertThat(recognised).containsExactly(0.0, 1.0);
  }

  /** Classes are each concept's steering prompts, and joy's contrast prompts; war has none. */
  private static Double recognised(Written one) {
    PromptPair pair = one.cell().cell().pair();
    double joy = after(CONTEXTS.plus(pair, TinyModel.JOY), one);
    double sad = after(CONTEXTS.minus(pair, TinyModel.JOY), one);
    double war = after(CONTEXTS.plus(pair, TinyModel.WAR), one);
    boolean opposite = one.cell().cell().setting() < 0;
    if (pair.concept().equals("war")) {
      return opposite ? null : war >= Math.max(joy, sad) ? 1.0 : 0.0;
    }
    return opposite ? sad >= Math.max(joy, war) ? 1.0 : 0.0 : joy >= Math.max(sad, war) ? 1.0 : 0.0;
  }

  @Test
  void fluencyIsExactlyNoneForTheBaselinesText() {
    for (int i = 0; i < written.size(); i++) {
      double fluency = scores.get(i).measures().get(Measure.FLUENCY);
      if (written.get(i).row().sameAsBaseline()) {
        assertThat(fluency).isZero();
      } else {
        PairContext context = written.get(i).cell().context();
        List<Integer> tokens = written.get(i).row().tokens();
        List<Score.Text> text = List.of(new Score.Text(context.baseline().base().tokens(), tokens));
        assertThat(fluency)
            .isCloseTo(
                Score.meanLogprobs(model.engine(), text, 1)[0] - context.baselineLogprob(),
                within(1e-5));
      }
    }
  }
}
