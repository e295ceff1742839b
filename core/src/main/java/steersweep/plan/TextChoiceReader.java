package steersweep.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;

/** The part of a plan that says which cells get a text. */
final class TextChoiceReader {
  private static final List<String> BOUND_KEYS = List.of("at_least", "at_most");
  private static final String GUARDS_EXPECTED =
      "guards such as {damage: {at_most: 2}} with cells: survivors";
  private static final int MOST_POINTS = 10_000;
  private static final String NEVER = "never";

  private TextChoiceReader() {}

  /** All of the block {@code generate} but the length of texts. */
  static TextChoice texts(PlanValue generate, List<Concept> concepts, DoseUnit dose) {
    Optional<PlanValue> cells = generate.get("cells");
    Optional<ChoiceRule> rule =
        cells.isEmpty()
            ? Optional.of(ChoiceRule.BEST)
            : cells.flatMap(
                value ->
                    PlanReader.choice(
                        value, "choice of cells", ChoiceRule.words(), ChoiceRule::of));
    return new TextChoice(
        rule.orElse(ChoiceRule.BEST),
        generate.get("damage").map(TextChoiceReader::damage).orElse(TextChoice.DEFAULT_DAMAGE),
        generate
            .get("sites")
            .map(value -> number(value, "sites", 1))
            .orElse(TextChoice.DEFAULT_SITES),
        generate
            .get("sample")
            .map(value -> number(value, "sampled sites", 0))
            .orElse(TextChoice.DEFAULT_SAMPLE),
        guards(generate, rule.orElse(null), concepts),
        stopAtDamage(generate.get("stop_at_damage"), dose));
  }

  /** Null for never. Settings that are damages stop where the plan says. */
  private static @Nullable Double stopAtDamage(Optional<PlanValue> given, DoseUnit dose) {
    boolean damages = dose == DoseUnit.KL;
    if (given.isEmpty()) {
      return damages ? null : Double.valueOf(TextChoice.DEFAULT_STOP);
    }
    if (damages && !given.get().faulty()) {
      given.get().fault("settings are damages already", "no stop_at_damage beside dose: kl");
    }
    if (damages || given.get().is(NEVER)) {
      return null;
    }
    if (given.get().node().isTextual()) {
      given.get().fault("not a damage", NEVER + ", or nats per token, a number above 0");
      return null;
    }
    return damage(given.get());
  }

  private static double damage(PlanValue value) {
    JsonNode node = value.node();
    boolean fits = node.isNumber() && node.asDouble() > 0 && Double.isFinite(node.asDouble());
    if (!fits && !value.faulty()) {
      value.fault("not a damage", "nats per token, a number above 0");
    }
    return node.asDouble();
  }

  private static int number(PlanValue value, String of, int least) {
    JsonNode node = value.node();
    boolean fits =
        node.isIntegralNumber()
            && node.canConvertToInt()
            && node.asInt() >= least
            && node.asInt() <= MOST_POINTS;
    if (!fits && !value.faulty()) {
      value.fault("not a number of " + of, "a whole number from " + least + " to " + MOST_POINTS);
    }
    return node.asInt();
  }

  /**
   * @param rule null where it is not known
   */
  private static List<Guard> guards(
      PlanValue generate, @Nullable ChoiceRule rule, List<Concept> concepts) {
    boolean survivors = rule == ChoiceRule.SURVIVORS;
    Optional<PlanValue> given = generate.get("guards");
    if (given.isEmpty()) {
      if (survivors) {
        generate.faultMissing("guards", "missing; expected " + GUARDS_EXPECTED);
      }
      return List.of();
    }
    PlanValue block = given.get().block(Guard.measures().stream().map(Measure::column).toList());
    if (rule != null && !survivors && !block.faulty()) {
      block.fault("guards belong to survivors", "cells: " + rule.word(), "cells: survivors");
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
