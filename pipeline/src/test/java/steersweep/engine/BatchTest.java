package steersweep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.Site;

class BatchTest {
  private static final ModelShape SHAPE = new ModelShape(1, 1, 1, 2, 2, 2, 2, 8);

  /** Rows 0 and 1 of a prompt, its mean in 2, zeros in 3. */
  private final Bank bank =
      Bank.of(
          SHAPE,
          List.of(HookPoint.VALUE),
          List.of(Activations.of(2, Map.of(HookPoint.VALUE, new float[][] {{1, 2, 3, 4}}))));

  private final Batch batch = new Batch(bank);

  @Test
  void placesCountThePaddingOnTheLeftOfShorterRows() {
    int shorter = batch.add(new int[] {5, 6});
    int longest = batch.add(new int[] {5, 6, 7, 8});
    batch.score(shorter, 0, 6);
    batch.score(shorter, 1, 9);
    batch.score(longest, 0, 6);
    batch.score(longest, 3, 9);

    assertThat(batch.length()).isEqualTo(4);
    assertThat(batch.places()).isEqualTo(2);
    // two of padding, then positions 0 and 1; the second row starts at 4
    assertThat(batch.scoredPlaces()).containsExactly(2, 4, 3, 7);
    // behind the rows stands a reference
    assertThat(batch.scoredTargets()).containsExactly(6, 6, 0, 9, 9, 0);
    assertThat(batch.result(shorter, 1)).isEqualTo(3);
    assertThat(batch.result(longest, 0)).isEqualTo(1);
  }

  @Test
  void aRowWithFewerPlacesRepeatsItsLast() {
    int one = batch.add(new int[] {5, 6});
    int two = batch.add(new int[] {7, 8});
    int none = batch.add(new int[] {9});
    batch.score(one, 0, 6);
    batch.score(two, 0, 8);
    batch.score(two, 1, 3);

    assertThat(batch.scoredPlaces()).containsExactly(0, 2, 5, 0, 3, 5);
    assertThat(batch.scoredTargets()).containsExactly(6, 8, 0, 0, 6, 3, 0, 0);
    assertThat(batch.result(none, 1)).isEqualTo(6);
  }

  @Test
  void placesFollowALongerRowAddedLater() {
    int row = batch.add(new int[] {5});
    batch.score(row, 0, 6);
    assertThat(batch.scoredPlaces()).containsExactly(0);

    batch.add(new int[] {5, 6, 7});

    assertThat(batch.scoredPlaces()).startsWith(2);
  }

  @Test
  void withNothingToScoreThereAreNoPlacesButTensorsAreNotEmpty() {
    batch.add(new int[] {5, 6, 7});

    assertThat(batch.places()).isZero();
    assertThat(batch.scoredPlaces()).containsExactly(2);
    assertThat(batch.scoredTargets()).containsExactly(0, 0);
  }

  @Test
  void aRowThatIsNotSteeredAddsZerosEverywhere() {
    int row = batch.add(new int[] {5, 6, 7});

    Batch.Row content = batch.rows().get(row);
    assertThat(content.site()).isNull();
    assertThat(content.scale()).isZero();
    assertThat(content.bankRows()).containsExactly(4, 4, 4);
    assertThat(content.decodeRow()).isEqualTo(4);
  }

  @Test
  void rowsAreNumberedInTheOrderAdded() {
    Site site = new Site(HookPoint.VALUE, 0, 0);
    Batch.Row steered = new Batch.Row(new int[] {5}, site, 2, new int[] {0}, 1);

    assertThat(batch.add(new int[] {5})).isZero();
    assertThat(batch.add(steered)).isEqualTo(1);
    assertThat(batch.rows().get(1)).isSameAs(steered);
  }

  private static Continuation continuation(int prompt) {
    Score.Text text = new Score.Text(new int[] {prompt}, List.of(7));
    return new Continuation(text, -1, new float[2], Map.of(), Map.of());
  }

  @Test
  void rowsWithOneBaseShareItsNumber() {
    Continuation base = continuation(1);
    Continuation other = continuation(2);
    Axis axis = new Axis(List.of(other), List.of(base));
    assertThat(batch.compares()).isFalse();
    batch.add(new int[] {5});
    batch.add(new int[] {5});

    assertThat(batch.compare(base, List.of(axis))).containsExactly(0);
    assertThat(batch.compare(base, List.of(axis))).containsExactly(0);

    assertThat(batch.compares()).isTrue();
    assertThat(batch.comparison().references()).containsExactly(base, other);
    assertThat(batch.comparison().bases()).containsExactly(0);
    assertThat(batch.comparison().rowBases()).containsExactly(0);
    assertThat(batch.comparison().axisBases()).containsExactly(0);
    assertThat(batch.comparison().plus()).containsExactly(0, 1);
    assertThat(batch.comparison().minus()).containsExactly(1, 0);
    assertThat(batch.result(1, 1)).as("behind two rows and two references").isEqualTo(5);
  }

  @Test
  void axesAreTheMeanOfTheirPromptsAndSeenFromTheirRowsBase() {
    Continuation one = continuation(1);
    Continuation two = continuation(2);
    Continuation three = continuation(3);
    Axis axis = new Axis(List.of(two, three), List.of(one));
    Axis sameSides = new Axis(List.of(two, three), List.of(one));
    for (int row = 0; row < 3; row++) {
      batch.add(new int[] {5});
    }

    assertThat(batch.compare(one, List.of(axis))).containsExactly(0);
    assertThat(batch.compare(two, List.of(sameSides, axis))).containsExactly(1, 2);
    assertThat(batch.compare(two, List.of())).isEmpty();

    Comparison comparison = batch.comparison();
    assertThat(comparison.references()).containsExactly(one, two, three);
    assertThat(comparison.bases()).containsExactly(0, 1);
    assertThat(comparison.rowBases()).as("rows, then references").containsExactly(0, 1, 1, 0, 0, 0);
    assertThat(comparison.axisBases()).containsExactly(0, 1, 1);
    assertThat(comparison.plus()).containsExactly(0, .5f, .5f, 0, .5f, .5f, 0, .5f, .5f);
    assertThat(comparison.minus()).containsExactly(1, 0, 0, 1, 0, 0, 1, 0, 0);
  }

  @Test
  void rowsOfOnePromptShareWhatTheyStartFrom() {
    float[] first = {1, 2};
    float[] second = {3, 4};
    assertThat(batch.startRows()).isEmpty();
    for (int row = 0; row < 3; row++) {
      batch.add(new int[] {5});
      batch.start(2, row, row < 2 ? first : second);
    }

    assertThat(batch.runs(1)).isFalse();
    assertThat(batch.runs(2)).isTrue();
    batch.stopAfter(2);
    assertThat(batch.runs(2)).isTrue();
    assertThat(batch.runs(3)).isFalse();
    assertThat(batch.starts()).containsExactly(first, second);
    assertThat(batch.startRows()).containsExactly(0, 0, 1);
  }

  @Test
  void theFirstTokenComesFromThePrefillAndTheOthersFromSteps() {
    assertThat(batch.decodeSteps()).isZero();
    assertThat(batch.stopTokens()).containsExactly(-1);

    batch.generate(16, List.of(2, 7));
    assertThat(batch.decodeSteps()).isEqualTo(15);
    assertThat(batch.stopTokens()).containsExactly(2, 7);

    batch.generate(1, List.of());
    assertThat(batch.decodeSteps()).isZero();
    assertThat(batch.stopTokens()).containsExactly(-1);
  }
}
