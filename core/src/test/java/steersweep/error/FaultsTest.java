package steersweep.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultsTest {
  private final Faults faults = new Faults();

  @Test
  void nothingIsThrownWhenNothingWasFound() {
    faults.throwIfAny();

    assertThat(faults.any()).isFalse();
    assertThat(faults.all()).isEmpty();
  }

  @Test
  void everythingFoundIsThrownTogetherInTheOrderFound() {
    faults.add("a.yaml: grid.settings[2]", "not a number; got 'x', expected a number");
    faults.add("a.yaml: name", "blank");

    UserError error = catchThrowableOfType(UserError.class, faults::throwIfAny);

    assertThat(error.faults())
        .containsExactly(
            "a.yaml: grid.settings[2]: not a number; got 'x', expected a number",
            "a.yaml: name: blank");
    assertThat(error)
        .hasMessage(
            "a.yaml: grid.settings[2]: not a number; got 'x', expected a number"
                + System.lineSeparator()
                + "a.yaml: name: blank");
  }

  @Test
  void whatWasThrownDoesNotChangeWhenMoreIsFound() {
    faults.add("a", "one");
    UserError error = catchThrowableOfType(UserError.class, faults::throwIfAny);
    List<String> before = faults.all();

    faults.add("b", "two");

    assertThat(faults.any()).isTrue();
    assertThat(error.faults()).containsExactly("a: one");
    assertThat(before).containsExactly("a: one");
    assertThat(faults.all()).containsExactly("a: one", "b: two");
  }

  @Test
  void aUserErrorKeepsItsCause() {
    IOException cause = new IOException("disk");

    assertThatThrownBy(
            () -> {
              throw new UserError("a.yaml", "cannot be read", cause);
            })
        .hasMessage("a.yaml: cannot be read")
        .hasCause(cause);
  }

  @Test
  void aUserErrorWithoutAFaultIsOurOwnFault() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new UserError(List.of()))
        .withMessage("a user error names at least one fault");
  }
}
