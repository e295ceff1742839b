package steersweep.score;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import steersweep.model.HookPoint;
import steersweep.plan.Choice.Why;

/**
 * The answer for one concept, or for all of them together.
 *
 * @param concept its name; {@link #ALL} for all of them
 * @param basePrompts different base prompts
 * @param pairs prompt pairs
 * @param negligible pulls up to here are negligible, nats per token
 * @param prompting pull of saying the steering prompts in words, nats per token
 * @param promptedEvidence of the texts after steering prompt + base prompt minus the baselines',
 *     nats a text; n is 0 without any
 * @param scores every site and setting, judged
 * @param tests candidates that texts put to the test
 * @param recommendation the site and setting to use
 * @param claims the claims of the original work, judged; in its order
 * @param equalDamage sites compared at equal damage
 */
public record ConceptFindings(
    String concept,
    int basePrompts,
    int pairs,
    double negligible,
    Interval prompting,
    Interval promptedEvidence,
    List<SiteScore> scores,
    List<TextTest> tests,
    Recommendation recommendation,
    List<Claim> claims,
    EqualDamage equalDamage) {
  /** Stands for all concepts together; no concept can be called so. */
  public static final String ALL = "all concepts";

  public ConceptFindings {
    scores = List.copyOf(scores);
    tests = List.copyOf(tests);
    claims = List.copyOf(claims);
  }

  public boolean all() {
    return concept.equals(ALL);
  }

  /** Sites and settings of each outcome. */
  public Map<Outcome, Long> counts() {
    Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      counts.put(outcome, scores.stream().filter(score -> score.is(outcome)).count());
    }
    return counts;
  }

  /** The scores of each hook point, in the order of the model's data flow. */
  public Map<HookPoint, List<SiteScore>> byHookPoint() {
    return scores.stream()
        .collect(
            Collectors.groupingBy(
                score -> score.site().hookPoint(), TreeMap::new, Collectors.toList()));
  }

  /** Candidates of a kind. */
  public List<TextTest> tests(Why why) {
    return tests.stream().filter(test -> test.why() == why).toList();
  }

  /** Pull of the recommended site as a share of prompting's; NaN without either. */
  public double shareOfPrompting(SiteScore score) {
    return score.pull().mean() / prompting.mean();
  }
}
