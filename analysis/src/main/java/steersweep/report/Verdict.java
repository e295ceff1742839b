package steersweep.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Site;
import steersweep.score.ConceptFindings;
import steersweep.score.Progress;
import steersweep.score.Recommendation;
import steersweep.score.SiteScore;
import steersweep.score.TextTest;

/**
 * What a terminal, or a program, is told of a report.
 *
 * @param lines the answer in a few lines of plain text
 * @param concepts the answer for each concept; empty where nothing is judged
 * @param progress cells finished, failed and missing
 */
public record Verdict(List<String> lines, List<Of> concepts, Progress progress, List<String> next) {
  public Verdict {
    lines = List.copyOf(lines);
    next = List.copyOf(next);
    concepts = List.copyOf(concepts);
  }

  /**
   * The answer for one concept. What is null is not known, or there is none.
   *
   * @param verdict in a few words: {@code works}, {@code not confirmed}, ...
   * @param pull of the site, nats per token
   * @param damage of the site, nats per token
   * @param evidence of its texts on held-out base prompts, nats a text
   * @param chance of such evidence, corrected for all candidates
   */
  public record Of(
      String concept,
      boolean works,
      String verdict,
      @Nullable @JsonProperty("hook_point") String hookPoint,
      @Nullable Integer layer,
      @Nullable Integer head,
      @Nullable Double setting,
      @Nullable Double pull,
      @Nullable Double damage,
      @Nullable Double evidence,
      @Nullable Double chance) {
    static Of of(ConceptFindings found, ConceptLine line) {
      Recommendation recommendation = found.recommendation();
      SiteScore score = recommendation.score();
      TextTest test = recommendation.test();
      Site site = score == null ? null : score.site();
      return new Of(
          found.concept(),
          line.works(),
          line.verdict(),
          site == null ? null : site.hookPoint().word(),
          site == null ? null : Integer.valueOf(site.layer()),
          site == null || site.allHeads() ? null : Integer.valueOf(site.head()),
          score == null ? null : Double.valueOf(score.setting()),
          score == null ? null : known(score.pull().mean()),
          score == null ? null : known(score.damage()),
          test == null ? null : known(test.evidence().mean()),
          test == null ? null : known(test.corrected()));
    }

    private static @Nullable Double known(double value) {
      return Double.isFinite(value) ? value : null;
    }
  }

  /** The same for a line of JSON. */
  public Map<String, Object> facts() {
    return Map.of("complete", progress.complete(), "verdict", concepts);
  }
}
