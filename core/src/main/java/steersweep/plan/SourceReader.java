package steersweep.plan;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.error.UserError;

/** The part of a concept that says what is steered with, where that is not its prompts. */
final class SourceReader {
  /** Pairs that stand for the prompts that a concept has not. */
  private static final int DESCRIBING_PAIRS = 2;

  private final Path plan;
  private final GivenVector.Reader vectors;

  /**
   * @param plan its file; others are named from its folder
   */
  SourceReader(Path plan, GivenVector.Reader vectors) {
    this.plan = plan;
    this.vectors = vectors;
  }

  /** Null for the prompts. */
  @Nullable SteeringSource source(PlanValue concept) {
    Optional<PlanValue> pairs = concept.get("pairs");
    Optional<PlanValue> vector = concept.get("vector");
    if (pairs.isPresent() && vector.isPresent()) {
      concept.fault("two things to steer with", "pairs and vector", "one of them");
      return null;
    }
    Optional<PlanValue> tokens = concept.get("pair_tokens");
    Optional<MeanDifference.Tokens> at = tokens.flatMap(SourceReader::tokens);
    if (tokens.isPresent() && pairs.isEmpty()) {
      tokens.get().fault("without pairs", "pairs beside it");
    }
    if (pairs.isPresent()) {
      return read(pairs.get(), (file, name) -> PairsReader.read(file, name, at));
    }
    return vector.map(given -> read(given, vectors::read)).orElse(null);
  }

  private static Optional<MeanDifference.Tokens> tokens(PlanValue value) {
    return PlanReader.choice(
        value, "choice of tokens", MeanDifference.Tokens.words(), MeanDifference.Tokens::of);
  }

  /** Reads a file of a source. */
  private interface FileReader {
    SteeringSource read(Path file, String name);
  }

  private @Nullable SteeringSource read(PlanValue value, FileReader reader) {
    String name = value.text().orElse(null);
    if (name == null) {
      return null;
    }
    try {
      return reader.read(plan.resolveSibling(name), name);
    } catch (UserError e) {
      e.faults().forEach(fault -> value.faults().add(value.file() + ": " + value.path(), fault));
      return null;
    }
  }

  /**
   * The prompts of a concept. What is not steered with them may do without: pairs are their own
   * description, and a vector can be judged by continuations alone.
   *
   * @param expected what they look like
   */
  static Optional<PlanValue> prompts(
      PlanValue concept, @Nullable SteeringSource source, String expected) {
    Optional<PlanValue> given = concept.get("steering_prompts");
    boolean vector = concept.get("vector").isPresent();
    if (given.isPresent() || source instanceof MeanDifference) {
      return given;
    }
    if (!vector) {
      return concept.need("steering_prompts", expected);
    }
    if (concept.get("target_continuations").isEmpty()) {
      concept.faultMissing(
          "steering_prompts",
          "missing, and a vector does not say what it is for; expected steering_prompts (and"
              + " contrast_prompts), or target_continuations and contrast_continuations to judge it"
              + " by alone");
    }
    concept
        .get("contrast_prompts")
        .ifPresent(
            contrast ->
                contrast.fault(
                    "nothing to contrast with",
                    "no steering_prompts",
                    "steering_prompts beside it"));
    return Optional.empty();
  }

  /** A concept of pairs that has no prompts is described by the first of its pairs. */
  static Concept described(Concept concept) {
    if (!(concept.source() instanceof MeanDifference pairs)
        || !concept.steeringPrompts().isEmpty()) {
      return concept;
    }
    List<MeanDifference.Pair> first =
        pairs.pairs().subList(0, Math.min(DESCRIBING_PAIRS, pairs.pairs().size()));
    return new Concept(
        concept.name(),
        concept.basePrompts(),
        first.stream().map(MeanDifference.Pair::wholePositive).toList(),
        concept.targetWords(),
        first.stream().map(MeanDifference.Pair::wholeNegative).toList(),
        concept.targetContinuations(),
        concept.contrastContinuations(),
        pairs);
  }

  /** What pairs and vectors cannot be combined with. */
  static void check(SweepPlan read, PlanValue plan, PlanValue grid) {
    checkWordless(read, plan);
    if (read.concepts().stream().allMatch(concept -> concept.source() == null)) {
      return;
    }
    if (!read.positions().constant()) {
      String what = "pairs and vectors add the same at every position";
      String got = read.positions().word();
      Optional<PlanValue> given = grid.get("positions");
      if (given.isPresent()) {
        given.get().fault(what, got, "mean or last");
      } else {
        grid.faultMissing("positions", what + "; got " + got + ", expected mean or last");
      }
    }
    if (read.controls().shuffled() > 0) {
      plan.get("controls")
          .flatMap(controls -> controls.get("shuffled"))
          .ifPresent(
              value ->
                  value.fault(
                      "pairs and vectors have no order of tokens",
                      String.valueOf(read.controls().shuffled()),
                      "0"));
    }
  }

  /** What is judged by continuations alone has nothing in common with what is judged by prompts. */
  private static void checkWordless(SweepPlan read, PlanValue plan) {
    List<String> wordless =
        read.concepts().stream()
            .filter(concept -> concept.source() instanceof GivenVector && concept.wordless())
            .map(Concept::name)
            .toList();
    if (wordless.isEmpty()) {
      return;
    }
    String names = String.join(", ", wordless);
    if (wordless.size() < read.concepts().size()) {
      plan.get("concepts")
          .ifPresent(
              concepts ->
                  concepts.fault(
                      "some are judged by prompts, others by continuations alone",
                      names + " without steering_prompts",
                      "steering_prompts for all, or two plans"));
    }
    if (read.controls().prompted()) {
      plan.get("controls")
          .flatMap(controls -> controls.get("prompted"))
          .ifPresent(
              value ->
                  value.fault(
                      "no prompt to put before the base prompt",
                      names + " without steering_prompts",
                      "steering_prompts, or prompted: false"));
    }
  }
}
