package steersweep.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.plan.Effort;
import steersweep.plan.Stage;
import steersweep.result.Rates.Took;

class RatesTest {
  private static final Effort WORK = new Effort(Map.of(Stage.SCREEN, 1000.0, Stage.WRITE, 500.0));

  @TempDir Path folder;

  private Rates rates() {
    return new Rates(folder.resolve("cache/rates.json"));
  }

  /** A token's seconds on two processors, with nothing else running; a stage as large as WORK. */
  private static Took alone(double seconds) {
    return of(1000, seconds);
  }

  private static Took of(double tokens, double seconds) {
    return new Took(tokens, tokens * seconds, tokens * 2 * seconds);
  }

  @Test
  void nothingIsExpectedBeforeAFirstSweep() {
    assertThat(rates().estimate("llama", WORK)).isEmpty();
  }

  @Test
  void whatTheLatestSweepTookIsExpectedAgain() {
    rates().keep("llama", Map.of(Stage.SCREEN, alone(0.01), Stage.WRITE, alone(0.1)));
    rates().keep("other", Map.of(Stage.SCREEN, alone(7.0), Stage.WRITE, alone(7.0)));

    Rates.Estimate estimate = rates().estimate("llama", WORK).orElseThrow();

    assertThat(estimate.seconds()).isEqualTo(10 + 50);
    assertThat(estimate.least()).isEqualTo(40);
    assertThat(estimate.most()).isEqualTo(90);
  }

  @Test
  void whatElseRanOnTheMachineIsNotExpectedAgain() {
    rates().keep("llama", Map.of(Stage.SCREEN, alone(0.01), Stage.WRITE, alone(0.1)));
    rates().keep("llama", Map.of(Stage.SCREEN, new Took(1000, 800, 20), Stage.WRITE, alone(0.1)));

    assertThat(rates().estimate("llama", WORK).orElseThrow().seconds()).isEqualTo(10 + 50);
  }

  @Test
  void ratesOfAnOlderFormAreNothing() throws IOException {
    Files.createDirectories(folder.resolve("cache"));
    Files.writeString(folder.resolve("cache/rates.json"), "{\"llama\": {\"screen\": [0.1]}}");

    assertThat(rates().estimate("llama", WORK)).isEmpty();
  }

  @Test
  void stagesFarSmallerSayNothing() {
    for (int i = 0; i < 9; i++) {
      rates().keep("llama", Map.of(Stage.SCREEN, of(10, 5.0), Stage.WRITE, of(10, 5.0)));
    }
    assertThat(rates().estimate("llama", WORK)).isEmpty();

    rates().keep("llama", Map.of(Stage.SCREEN, alone(0.01), Stage.WRITE, alone(0.1)));
    for (int i = 0; i < 9; i++) {
      rates().keep("llama", Map.of(Stage.SCREEN, of(10, 5.0), Stage.WRITE, of(10, 5.0)));
    }
    assertThat(rates().estimate("llama", WORK).orElseThrow().seconds()).isEqualTo(10 + 50);
  }

  @Test
  void theIntervalHoldsWhatWasSeen() {
    rates().keep("llama", Map.of(Stage.SCREEN, alone(0.01), Stage.WRITE, alone(0.1)));
    rates().keep("llama", Map.of(Stage.SCREEN, alone(0.03), Stage.WRITE, alone(0.1)));

    Rates.Estimate estimate = rates().estimate("llama", WORK).orElseThrow();

    assertThat(estimate.seconds()).isEqualTo(30 + 50);
    assertThat(estimate.least()).isLessThan(10 + 50);
    assertThat(estimate.most()).isGreaterThan(30 + 50);
  }

  @Test
  void aStageThatWasNeverRunLeavesTheWholeUnknown() {
    rates().keep("llama", Map.of(Stage.SCREEN, alone(0.01)));

    assertThat(rates().estimate("llama", WORK)).isEmpty();
  }

  @Test
  void aDamagedFileIsNothing() throws IOException {
    Files.createDirectories(folder.resolve("cache"));
    Files.writeString(folder.resolve("cache/rates.json"), "{");

    assertThat(rates().estimate("llama", WORK)).isEmpty();
    rates().keep("llama", Map.of(Stage.SCREEN, alone(0.01), Stage.WRITE, alone(0.1)));
    assertThat(rates().estimate("llama", WORK)).isPresent();
  }
}
