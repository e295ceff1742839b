package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.engine.Continuation;
import steersweep.engine.Score;
import steersweep.engine.Steer;
import steersweep.measure.Measure;
import steersweep.plan.Cell;
import steersweep.plan.CellKind;
import steersweep.plan.Concept;
import steersweep.plan.Contexts;
import steersweep.plan.DoseUnit;
import steersweep.plan.SweepPlan;
import steersweep.plan.Unit;
import steersweep.result.ReadingRow;

/** What cells do along the baseline's text, on a small real model. */
class ScreeningTest {
  private static final SweepPlan PLAN = TinyModel.plan(DoseUnit.RAW, TinyModel.JOY, TinyModel.WAR);

  @TempDir static Path folder;
  private static TinyModel model;
  private static List<Cell> cells;
  private static Placing placing;
  private static List<ReadingRow> rows;

  @BeforeAll
  static void read() throws IOException {
    model = TinyModel.open(folder);
    cells = cells(PLAN);
    placing = model.placing(PLAN);
    rows = model.screening(PLAN, placing).rows("unit-000007", cells);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static List<Cell> cells(SweepPlan plan) {
    List<Cell> all = new ArrayList<>();
    for (Unit unit : model.grid(plan).units(1000)) {
      all.addAll(model.grid(plan).cells(unit));
    }
    return all;
  }

  private static ReadingRow row(CellKind kind, double setting) {
    return rows.stream()
        .filter(row -> row.cell().kind() == kind && row.cell().setting() == setting)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everyCellHasARowInTheOrderGiven() {
    assertThat(rows).extracting(ReadingRow::cell).isEqualTo(cells);
    assertThat(rows)
        .allMatch(ReadingRow::ok)
        .allMatch(row -> row.at().unit().equals("unit-000007"));
    assertThat(rows)
        .filteredOn(row -> row.cell().site() != null)
        .allSatisfy(
            row -> {
              assertThat(row.pulls()).hasSize(2);
              assertThat(row.measures().get(Measure.DAMAGE)).isPositive();
              assertThat(row.departure()).isNotNull();
            });
  }

  @Test
  void whatIsUnsteeredDoesNothing() {
    ReadingRow baseline = row(CellKind.BASELINE, 0);
    assertThat(baseline.measures().get(Measure.DAMAGE)).isZero();
    assertThat(baseline.measures().get(Measure.LOG_ODDS)).isZero();
    assertThat(baseline.measures().get(Measure.PULL)).isNull();
    assertThat(baseline.departure()).isNull();
    assertThat(row(CellKind.PROMPTED, 0).measures().get(Measure.DAMAGE)).isNull();
  }

  @Test
  void ownAndOtherPullsAreThoseAlongTheConceptsAxes() {
    for (ReadingRow row : rows) {
      if (row.cell().site() != null) {
        int own = row.cell().pair().concept().equals("joy") ? 0 : 1;
        assertThat(row.measures().get(Measure.PULL)).isEqualTo(row.pulls().get(own));
        assertThat(row.measures().get(Measure.PULL_OTHERS))
            .isCloseTo(row.pulls().get(1 - own), within(1e-12));
        assertThat(row.measures().get(Measure.ALIGNMENT)).isEqualTo(row.alignments().get(own));
      }
    }
  }

  @Test
  void theSameCellsInAnotherOrderReadAlike() {
    List<Cell> shuffled = new ArrayList<>(cells.subList(0, 30));
    Collections.shuffle(shuffled, new Random(3));

    List<ReadingRow> again = model.screening(PLAN, model.placing(PLAN)).rows("u", shuffled);

    for (ReadingRow row : again) {
      ReadingRow before = rows.get(cells.indexOf(row.cell()));
      for (Measure measure : List.of(Measure.DAMAGE, Measure.PULL, Measure.LOG_ODDS)) {
        Double value = before.measures().get(measure);
        if (value == null) {
          assertThat(row.measures().get(measure)).isNull();
        } else {
          assertThat(row.measures().get(measure)).isCloseTo(value, within(1e-5));
        }
      }
    }
  }

  @Test
  void logOddsAreThoseOfTheContinuationsThatThePlanNames() {
    List<PlacedCell> placed = placing.place(cells);
    for (PlacedCell cell : placed) {
      Double read = rows.get(cells.indexOf(cell.cell())).measures().get(Measure.LOG_ODDS);
      PairContext context = cell.context();
      if (cell.cell().pair().concept().equals("war")) {
        assertThat(read).as("no continuations named").isNull();
      } else if (cell.cell().kind() == CellKind.PROMPTED) {
        double expected =
            (shift(context, 0, true) + shift(context, 1, true)) / 2 - shift(context, 0, false);
        assertThat(read).isCloseTo(expected, within(1e-4));
      } else if (cell.cell().setting() == 6) {
        double expected =
            (steered(cell, 0, true) + steered(cell, 1, true)) / 2 - steered(cell, 0, false);
        assertThat(read).isCloseTo(expected, within(1e-4));
      }
    }
  }

  private static double sum(int[] prompt, List<Integer> text) {
    List<Score.Text> one = List.of(new Score.Text(prompt, text));
    return text.size() * Score.meanLogprobs(model.engine(), one, 1)[0];
  }

  /** Nats by which the steering prompt in words makes a continuation likelier. */
  private static double shift(PairContext context, int number, boolean target) {
    List<Integer> text =
        (target ? context.targets() : context.contrasts()).get(number).text().continuation();
    return sum(context.joined(), text) - sum(context.baseline().base().tokens(), text);
  }

  private static double steered(PlacedCell cell, int number, boolean target) {
    PairContext context = cell.context();
    Continuation along = (target ? context.targets() : context.contrasts()).get(number);
    List<Steer.Reading> one = List.of(new Steer.Reading(cell.steered(), along, List.of()));
    List<Integer> text = along.text().continuation();
    return text.size() * Steer.meanLogprobs(model.engine(), one, 1)[0]
        - sum(context.baseline().base().tokens(), text);
  }

  @Test
  void whatIsAddedToTheStreamGrowsWithTheFactor() {
    List<PlacedCell> placed = placing.place(cells);
    double[] doses = ResidualDoses.of(model.engine(), placed, TinyModel.BATCH);

    for (int i = 0; i < placed.size(); i++) {
      Cell cell = placed.get(i).cell();
      if (cell.site() == null) {
        assertThat(doses[i]).isZero();
      } else if (cell.kind() == CellKind.STEERED && cell.setting() == 3) {
        int twice = place(placed, cell, 6);
        int back = place(placed, cell, -3);
        assertThat(doses[i]).isPositive();
        assertThat(doses[twice]).isCloseTo(2 * doses[i], within(1e-9));
        assertThat(doses[back]).isCloseTo(doses[i], within(1e-9));
      }
    }
  }

  private static int place(List<PlacedCell> placed, Cell like, double setting) {
    for (int i = 0; i < placed.size(); i++) {
      Cell cell = placed.get(i).cell();
      if (cell.kind() == like.kind()
          && cell.pair().equals(like.pair())
          && like.site().equals(cell.site())
          && cell.setting() == setting) {
        return i;
      }
    }
    throw new AssertionError(setting);
  }

  @Test
  void whereNothingIsAddedNoFactorMakesAShareOfIt() {
    Concept nothing =
        new Concept(
            "nothing",
            List.of("I ate"),
            List.of("Same.", "Glad!"),
            List.of(),
            List.of("Same.", "Sad."),
            List.of(),
            List.of());
    SweepPlan plan = TinyModel.plan(DoseUnit.RELATIVE, nothing);

    List<ReadingRow> all = model.screening(plan, model.placing(plan)).rows("u", cells(plan));

    assertThat(new Contexts(plan.concepts()).any()).isTrue();
    assertThat(all)
        .filteredOn(row -> row.cell().kind() == CellKind.STEERED)
        .hasSize(2 * 2 * 2 * 2)
        .allSatisfy(
            row -> {
              boolean same = row.cell().pair().steeringPrompt().equals("Same.");
              assertThat(row.failed()).isEqualTo(same);
              assertThat(row.message() == null ? "" : row.message())
                  .startsWith(same ? "no factor makes this dose" : "");
            });
  }
}
