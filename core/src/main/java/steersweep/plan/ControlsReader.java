package steersweep.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** The part of a plan that says what steering is compared with. */
final class ControlsReader {
  private static final List<String> CONTROL_KEYS =
      List.of("random", "shuffled", "unrelated", "prompted");
  private static final int MOST_DRAWS = 100;

  private ControlsReader() {}

  /** The block {@code controls}. */
  static Controls controls(PlanValue plan, List<Concept> concepts) {
    PlanValue block = plan.block("controls", CONTROL_KEYS);
    boolean unrelated = block.get("unrelated").map(PlanReader::yesOrNo).orElse(false);
    if (unrelated && concepts.size() == 1) {
      block
          .get("unrelated")
          .orElseThrow()
          .fault("no other concept to take a prompt from", "1 concept", "2 or more");
    }
    return new Controls(
        block.get("random").map(ControlsReader::draws).orElse(0),
        block.get("shuffled").map(ControlsReader::draws).orElse(0),
        unrelated,
        block.get("prompted").map(PlanReader::yesOrNo).orElse(false));
  }

  private static int draws(PlanValue value) {
    JsonNode node = value.node();
    boolean fits =
        node.isIntegralNumber()
            && node.canConvertToInt()
            && node.asInt() >= 0
            && node.asInt() <= MOST_DRAWS;
    if (!fits && !value.faulty()) {
      value.fault("not a number of draws", "a whole number from 0 to " + MOST_DRAWS);
    }
    return fits ? node.asInt() : 0;
  }
}
