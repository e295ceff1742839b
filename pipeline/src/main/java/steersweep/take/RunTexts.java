package steersweep.take;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import steersweep.plan.CellKind;
import steersweep.plan.Site;
import steersweep.result.CompletionRow;
import steersweep.result.RunFolder;

/**
 * The tokens that a run has for a steering at a site and factor.
 *
 * @param byBasePrompt of each base prompt that has such a row
 */
public record RunTexts(Map<String, List<Integer>> byBasePrompt) {
  /** Factors are written as they were multiplied. */
  private static final double SAME_FACTOR = 1e-9;

  public RunTexts {
    byBasePrompt = Map.copyOf(byBasePrompt);
  }

  public static RunTexts of(
      RunFolder run, String concept, String steeringPrompt, Site site, double factor) {
    Map<String, List<Integer>> found = new HashMap<>();
    run.readCompletions(
        row -> {
          if (text(row, "kind").equals(CellKind.STEERED.word())
              && text(row, "status").equals(CompletionRow.OK)
              && text(row, "concept").equals(concept)
              && text(row, "steering_prompt").equals(steeringPrompt)
              && at(row, site)
              && row.get("factor") instanceof Double of
              && Math.abs(of - factor) <= SAME_FACTOR * Math.abs(factor)) {
            found.put(text(row, "base_prompt"), tokens(row));
          }
        });
    return new RunTexts(found);
  }

  /** How many of the texts that the run has, a model wrote again. */
  public int same(SteeredTexts again) {
    int same = 0;
    for (int i = 0; i < again.basePrompts().size(); i++) {
      List<Integer> tokens = byBasePrompt.get(again.basePrompts().get(i));
      same += again.completions().get(i).tokens().equals(tokens) ? 1 : 0;
    }
    return same;
  }

  public int size() {
    return byBasePrompt.size();
  }

  private static boolean at(GenericRecord row, Site site) {
    return Objects.equals(String.valueOf(row.get("hook_point")), site.hookPoint().word())
        && Objects.equals(row.get("layer"), site.layer())
        && Objects.equals(row.get("head"), site.allHeads() ? null : site.head());
  }

  private static String text(GenericRecord row, String column) {
    return String.valueOf(row.get(column));
  }

  private static List<Integer> tokens(GenericRecord row) {
    return ((List<?>) row.get("tokens")).stream().map(token -> (Integer) token).toList();
  }
}
