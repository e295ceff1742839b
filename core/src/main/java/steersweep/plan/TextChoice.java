package steersweep.plan;

import java.util.List;

/**
 * How the cells that get a text are chosen, and among them those that are put to the test.
 *
 * @param rule which cells get a text
 * @param damage most mean damage of a site that is put to the test, nats per token
 * @param sites how many sites are put to the test, for each concept and hook point
 * @param sample how many others are drawn for each concept, to check the readings against texts
 * @param guards what a steered cell must fulfil to survive; empty unless the rule is {@code
 *     survivors}
 */
public record TextChoice(
    ChoiceRule rule, double damage, int sites, int sample, List<Guard> guards) {
  public static final double DEFAULT_DAMAGE = 1;
  public static final int DEFAULT_SITES = 3;
  public static final int DEFAULT_SAMPLE = 6;

  public TextChoice {
    guards = List.copyOf(guards);
  }

  /** With the numbers of a plan that names none. */
  public static TextChoice of(ChoiceRule rule) {
    return new TextChoice(rule, DEFAULT_DAMAGE, DEFAULT_SITES, DEFAULT_SAMPLE, List.of());
  }
}
