package steersweep.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;

/** The parts of a plan that say what steering is compared with, and what is not worth a text. */
final class ControlsReader {
  private static final List<String> CONTROL_KEYS =
      List.of("random", "shuffled", "unrelated", "prompted");
  private static final List<String> BOUND_KEYS = List.of("at_least", "at_most");
  private static final List<String> CELLS = List.of("all", "survivors");
  private static final String GUARDS_EXPECTED =
      "guards such as {damage: {at_most: 2}} with cells: survivors";
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

  /** {@code cells} and {@code guards} of the block {@code generate}. */
  static List<Guard> guards(PlanValue generate, List<Concept> concepts) {
    Optional<PlanValue> cells = generate.get("cells");
    Optional<String> chosen =
        cells.flatMap(
            value -> PlanReader.choice(value, "choice of cells", CELLS, ControlsReader::known));
    boolean survivors = chosen.filter(word -> word.equals("survivors")).isPresent();
    Optional<PlanValue> given = generate.get("guards");
    if (given.isEmpty()) {
      if (survivors) {
        generate.faultMissing("guards", "missing; expected " + GUARDS_EXPECTED);
      }
      return List.of();
    }
    PlanValue block = given.get().block(Guard.measures().stream().map(Measure::column).toList());
    if ((cells.isEmpty() || chosen.filter(word -> word.equals("all")).isPresent())
        && !block.faulty()) {
      block.fault("guards, but every cell is generated", "cells: all", "cells: survivors");
    }
    List<Guard> guards = new ArrayList<>();
    for (Measure measure : Guard.measures()) {
      block.get(measure.column()).ifPresent(value -> guards.add(guard(value, measure)));
      block.get(measure.column()).ifPresent(value -> check(value, measure, concepts));
    }
    if (guards.isEmpty() && survivors && !block.faulty()) {
      block.fault("no guard", "nothing to be skipped by", GUARDS_EXPECTED);
    }
    return guards;
  }

  private static Optional<String> known(String word) {
    return Optional.of(word).filter(CELLS::contains);
  }

  private static Guard guard(PlanValue value, Measure measure) {
    PlanValue block = value.block(BOUND_KEYS);
    Double atLeast = bound(block, "at_least");
    Double atMost = bound(block, "at_most");
    if (!block.faulty() && block.get("at_least").isEmpty() && block.get("at_most").isEmpty()) {
      block.fault("no bound", "at_least, at_most or both");
    }
    if (atLeast != null && atMost != null && atLeast > atMost) {
      block.fault(
          "nothing is within", "at_least " + atLeast + ", at_most " + atMost, "the other order");
    }
    return new Guard(measure, atLeast, atMost);
  }

  private static @Nullable Double bound(PlanValue block, String key) {
    Optional<PlanValue> value = block.get(key).filter(given -> !given.faulty());
    if (value.isPresent() && !value.get().node().isNumber()) {
      value.get().fault("not a number", "a number without quotes");
      return null;
    }
    return value.map(given -> given.node().asDouble()).orElse(null);
  }

  /** Log-odds are only there if the concepts name continuations. */
  private static void check(PlanValue value, Measure measure, List<Concept> concepts) {
    if (measure == Measure.LOG_ODDS) {
      concepts.stream()
          .filter(concept -> concept.targetContinuations().isEmpty())
          .forEach(
              concept ->
                  value.fault(
                      "log-odds need continuations",
                      "none for concept '" + concept.name() + "'",
                      "target_continuations and contrast_continuations"));
    }
  }
}
