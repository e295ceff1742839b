package steersweep.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the cells that get a text are chosen, and among them those that are put to the test.
 *
 * @param rule which cells get a text
 * @param damage most mean damage of a site that is put to the test, nats per token
 * @param sites how many sites are put to the test, for each concept and hook point
 * @param sample how many others are drawn for each concept, to check the readings against texts
 * @param guards what a steered cell must fulfil to survive; empty unless the rule is {@code
 *     survivors}
 * @param stopAtDamage mean damage of a site, nats per token, at which its texts are incoherent
 *     beyond doubt: larger settings are not run; null where every setting is
 */
public record TextChoice(
    ChoiceRule rule,
    double damage,
    int sites,
    int sample,
    List<Guard> guards,
    @Nullable Double stopAtDamage) {
  public static final double DEFAULT_DAMAGE = 1;
  public static final int DEFAULT_SITES = 3;
  public static final int DEFAULT_SAMPLE = 6;

  /** Hardly a text at such sites was coherent (docs/dose.md). */
  public static final double DEFAULT_STOP = 4;

  public TextChoice {
    guards = List.copyOf(guards);
  }

  /** Every setting is run. */
  public TextChoice(ChoiceRule rule, double damage, int sites, int sample, List<Guard> guards) {
    this(rule, damage, sites, sample, guards, null);
  }

  /** With the numbers of a plan that names none, every setting being run. */
  public static TextChoice of(ChoiceRule rule) {
    return new TextChoice(rule, DEFAULT_DAMAGE, DEFAULT_SITES, DEFAULT_SAMPLE, List.of());
  }

  public TextChoice stoppingAt(@Nullable Double damage) {
    return new TextChoice(rule, this.damage, sites, sample, guards, damage);
  }

  /** Whether every cell gets a text, whatever is read of it. */
  public boolean unconditional() {
    return rule == ChoiceRule.ALL && stopAtDamage == null;
  }
}
