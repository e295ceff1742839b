package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import steersweep.plan.Stage;

class TimeLeftTest {
  private final TimeLeft left = new TimeLeft();

  @Test
  void nothingIsSaidWhereNothingWasExpected() {
    left.begin(Stage.SCREEN, 0, 0);
    assertThat(left.at(0.5, 10)).isNull();
  }

  @Test
  void whatGoesAsExpectedTakesWhatIsLeftOfIt() {
    left.expect(Stage.SCREEN, 100);
    left.expect(Stage.WRITE, 50);
    assertThat(left.at(0, 3)).isEqualTo(new TimeLeft.Left(150, false));

    left.begin(Stage.SCREEN, 0, 10);
    assertThat(left.at(0.5, 60)).isEqualTo(new TimeLeft.Left(100, false));
    assertThat(left.at(1, 110)).isEqualTo(new TimeLeft.Left(50, false));
    left.end(110);
    left.begin(Stage.WRITE, 0, 110);
    assertThat(left.at(0.8, 150).seconds()).isCloseTo(10, within(1e-9));
  }

  @Test
  void whatIsFasterThanExpectedSoonTakesLess() {
    left.expect(Stage.SCREEN, 100);
    left.begin(Stage.SCREEN, 0, 0);
    assertThat(left.at(0.9, 9).seconds()).isCloseTo(1, within(1.0));
  }

  @Test
  void anExpectationThatIsWrongByAHundredTimesIsForgottenSoon() {
    left.expect(Stage.SCREEN, 30_000);
    left.expect(Stage.WRITE, 15_000);
    left.begin(Stage.SCREEN, 0, 0);
    assertThat(left.at(0.5, 150).seconds()).isBetween(300.0, 500.0); // 300 are left in truth
    assertThat(left.at(0.9, 270).seconds()).isBetween(180.0, 300.0); // 180
  }

  @Test
  void whatIsSlowerNeverTakesMoreThanWasSaidButIsCalledMore() {
    left.expect(Stage.SCREEN, 100);
    left.begin(Stage.SCREEN, 0, 0);
    List<Double> said = new ArrayList<>();
    boolean more = false;
    for (int i = 0; i <= 100; i++) { // at a third of the speed
      TimeLeft.Left now = left.at(i / 100.0, 3.0 * i);
      said.add(-now.seconds());
      more |= now.more();
    }
    assertThat(said).isSorted();
    assertThat(more).isTrue();
    assertThat(left.at(1, 300)).isEqualTo(new TimeLeft.Left(0, false));
  }

  @Test
  void whatWasDoneBeforeTookNoTime() {
    left.expect(Stage.SCREEN, 100);
    left.begin(Stage.SCREEN, 0.9, 0);
    assertThat(left.at(0.95, 5).seconds()).isCloseTo(5, within(1e-9));
  }

  @Test
  void aUnitComesNearerToItsEndWhateverItTakes() {
    assertThat(UnderWay.part(40, 100)).isEqualTo(0.4);
    assertThat(UnderWay.part(80, 100)).isEqualTo(0.8);
    assertThat(UnderWay.part(100, 100)).isBetween(0.9, 0.95);
    assertThat(UnderWay.part(200, 100)).isBetween(0.99, 1.0);
    assertThat(UnderWay.part(7, 0)).isZero();
  }
}
