package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The search on curves whose solutions are known. */
class FactorSearchTest {
  private static final List<Double> TARGETS = List.of(0.1, 0.3, 1.0);

  private static FactorSearch searched(
      List<Double> targets, double first, DoubleUnaryOperator damage) {
    FactorSearch search = new FactorSearch(targets, first, 1000 * first);
    for (Set<Double> next = search.next(); !next.isEmpty(); next = search.next()) {
      next.forEach(factor -> search.add(factor, damage.applyAsDouble(factor)));
    }
    return search;
  }

  private static void assertFound(FactorSearch search, DoubleUnaryOperator damage) {
    for (double target : TARGETS) {
      FactorSearch.Result result = search.result(target);
      assertThat(result.factor()).as("for %s: %s", target, result.reason()).isNotNull();
      assertThat(damage.applyAsDouble(result.factor())).isCloseTo(target, within(0.1 * target));
    }
  }

  @Test
  void aQuadraticNeedsOnePointMoreThanThereAreTargets() {
    DoubleUnaryOperator damage = factor -> 3 * factor * factor;
    FactorSearch search = searched(TARGETS, 0.1, damage);

    assertFound(search, damage);
    assertThat(search.tries()).isEqualTo(4);
  }

  @Test
  void aCurveThatBendsIsFollowed() {
    DoubleUnaryOperator damage = factor -> 6 * factor * factor / (1 + factor * factor);
    FactorSearch search = searched(TARGETS, 5, damage);

    assertFound(search, damage);
    assertThat(search.tries()).isLessThanOrEqualTo(9);
  }

  @Test
  void aFirstGuessThatIsFarOffIsLeftBehind() {
    DoubleUnaryOperator damage = factor -> 1e-9 * factor * factor;
    assertFound(searched(TARGETS, 50, damage), damage);
    DoubleUnaryOperator steep = factor -> 1e7 * factor * factor;
    assertFound(searched(TARGETS, 50, steep), steep);
  }

  @Test
  void aCliffIsFoundByHalving() {
    DoubleUnaryOperator damage =
        factor -> 0.05 * factor * factor + 8 / (1 + Math.exp(-20 * (factor - 2)));

    assertFound(searched(TARGETS, 1, damage), damage);
  }

  @Test
  void whereTheDamageLevelsOffTheReasonSaysSo() {
    DoubleUnaryOperator damage = factor -> 0.5 * factor * factor / (1 + factor * factor);
    FactorSearch search = searched(TARGETS, 0.2, damage);

    assertThat(search.result(0.3).factor()).isNotNull();
    assertThat(search.result(1).factor()).isNull();
    assertThat(search.result(1).reason())
        .isEqualTo("no factor up to 2E+2 does a damage of 1; got at most 0.500");
  }

  @Test
  void aJumpIsNamed() {
    FactorSearch search = searched(List.of(0.3), 1, factor -> factor < 2 ? 0.1 : 5);

    assertThat(search.result(0.3).factor()).isNull();
    assertThat(search.result(0.3).reason())
        .startsWith(
            "no factor does a damage of 0.3: it jumps from 0.100 to 5.00 between the factors ");
  }

  @Test
  void whatIsNotFiniteIsTooMuch() {
    DoubleUnaryOperator damage = factor -> factor > 3 ? Double.NaN : 0.2 * factor * factor;

    assertFound(searched(TARGETS, 40, damage), damage);
  }

  @Test
  void theLastBitsOfDamagesDecideNothing() {
    FactorSearch one = searched(TARGETS, 0.7, factor -> 0.9 * Math.pow(factor, 1.9));
    FactorSearch other = searched(TARGETS, 0.7, factor -> 0.9 * Math.pow(factor, 1.9) * (1 + 3e-7));

    for (double target : TARGETS) {
      assertThat(other.result(target)).isEqualTo(one.result(target));
    }
  }
}
