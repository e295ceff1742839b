package steersweep.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.HookPoint;
import steersweep.plan.SweepPlan.HeadChoice;
import steersweep.plan.SweepPlan.LayerChoice;

/**
 * First step of a sweep: the YAML file that the user wrote becomes a {@link SweepPlan}. The format
 * is described in {@code conf/plan.schema.json}, which editors use; a test keeps the two together.
 */
public final class PlanReader {
  private static final List<String> PLAN_KEYS =
      List.of("name", "concepts", "grid", "controls", "generate");
  private static final List<String> CONCEPT_KEYS =
      List.of(
          "name",
          "base_prompts",
          "steering_prompts",
          "contrast_prompts",
          "target_words",
          "target_continuations",
          "contrast_continuations",
          "pairs",
          "pair_tokens",
          "vector");
  private static final List<String> GRID_KEYS =
      List.of("hook_points", "layers", "heads", "settings", "dose", "positions", "scales");
  private static final List<String> GENERATE_KEYS =
      List.of(
          "new_tokens",
          "stop_at_eos",
          "cells",
          "damage",
          "sites",
          "sample",
          "guards",
          "stop_at_damage");

  private static final String ALL = "all";
  private static final String EACH = "each";
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,99}");
  private static final String NAME_EXPECTED =
      "at most 100 lower-case letters, digits and hyphens, such as my-sweep";
  private static final String TEXTS_EXPECTED = "text or a list of texts";
  private static final String LAYERS_EXPECTED = "all, or " + NumberRanges.EXPECTED;
  private static final String HEADS_EXPECTED = "all, each, " + NumberRanges.EXPECTED;
  private static final String SETTINGS = "settings";

  /** What plans called settings before the dose of a setting could be something else. */
  private static final String SETTINGS_BEFORE = "scales";

  /** Base prompts times steering prompts. */
  private static final int MOST_PAIRS = 100_000;

  private static final int MOST_NEW_TOKENS = 1024;
  private static final int DEFAULT_NEW_TOKENS = 30;

  private PlanReader() {}

  /**
   * The checked plan of a file.
   *
   * @throws UserError naming every fault of the plan at once; a file that is not YAML at all has
   *     one fault, with its line
   */
  public static SweepPlan read(Path file) {
    return read(file, GridFlags.NONE);
  }

  /** The same with what the command line says instead. */
  public static SweepPlan read(Path file, GridFlags flags) {
    return read(
        file,
        flags,
        (vector, name) -> {
          throw new UserError(name, "vectors are not read here");
        });
  }

  /**
   * The same with steering from other files.
   *
   * @param vectors reads files of vectors
   */
  public static SweepPlan read(Path file, GridFlags flags, GivenVector.Reader vectors) {
    Faults faults = new Faults();
    JsonNode tree = PlanFile.tree(file, faults);
    PlanValue plan = new PlanValue(faults, file.toString(), "", tree).block(PLAN_KEYS);
    PlanValue grid = plan.block("grid", GRID_KEYS);
    PlanValue generate = plan.block("generate", GENERATE_KEYS);
    String name = name(plan, file);
    List<Concept> concepts =
        chosen(concepts(plan, new SourceReader(file, vectors)), flags.value("concepts", faults));
    Controls controls = ControlsReader.controls(plan, concepts);
    DoseUnit dose = grid.get("dose").flatMap(PlanReader::dose).orElse(DoseUnit.RAW);
    SweepPlan read =
        new SweepPlan(
            name,
            concepts,
            hookPoints(grid, flags.value("hook_points", faults)),
            flags
                .value("layers", faults)
                .or(() -> grid.need("layers", LAYERS_EXPECTED))
                .map(PlanReader::layers)
                .orElse(new LayerChoice(true, List.of())),
            flags
                .value("heads", faults)
                .or(() -> grid.get("heads"))
                .map(PlanReader::heads)
                .orElse(new HeadChoice(true, false, List.of())),
            settings(grid, flags.value(SETTINGS, faults)),
            grid.get("positions").flatMap(PlanReader::positions).orElse(PositionRule.LW2023),
            generate.get("new_tokens").map(PlanReader::newTokens).orElse(DEFAULT_NEW_TOKENS),
            generate.get("stop_at_eos").map(PlanReader::yesOrNo).orElse(true),
            dose,
            controls,
            TextChoiceReader.texts(generate, concepts, dose));
    SourceReader.check(read, plan, grid);
    faults.throwIfAny();
    return read;
  }

  private static String name(PlanValue plan, Path file) {
    Optional<PlanValue> given = plan.get("name");
    if (given.isPresent()) {
      String name = given.get().text().orElse("");
      if (!name.isEmpty() && !NAME.matcher(name).matches()) {
        given.get().fault("not a name", NAME_EXPECTED);
      }
      return name;
    }
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "");
    if (!NAME.matcher(name).matches() && !plan.faulty()) {
      plan.faultMissing(
          "name",
          "missing, and the file's name cannot stand for it; got '"
              + name
              + "', expected "
              + NAME_EXPECTED);
    }
    return name;
  }

  private static List<Concept> concepts(PlanValue plan, SourceReader sources) {
    Map<String, String> names = new LinkedHashMap<>();
    List<Concept> concepts = new ArrayList<>();
    for (PlanValue value : plan.list("concepts", "a list of concepts")) {
      concepts.add(concept(value.block(CONCEPT_KEYS), names, sources));
    }
    long pairs =
        concepts.stream().mapToLong(c -> (long) c.basePrompts().size() * c.sources()).sum();
    if (pairs > MOST_PAIRS) {
      plan.get("concepts")
          .orElseThrow()
          .fault("too many prompt pairs", pairs + " pairs", "at most " + MOST_PAIRS);
    }
    return concepts;
  }

  /** Those that the command line names, in the plan's order; all if it names none. */
  private static List<Concept> chosen(List<Concept> concepts, Optional<PlanValue> flag) {
    if (flag.isEmpty()) {
      return concepts;
    }
    List<String> names = concepts.stream().map(Concept::name).toList();
    List<String> wanted =
        PlanValue.distinct(
            flag.get().items(TEXTS_EXPECTED),
            item ->
                choice(item, "concept", names, name -> Optional.of(name).filter(names::contains)));
    return concepts.stream().filter(concept -> wanted.contains(concept.name())).toList();
  }

  /**
   * @param names names of the concepts before this one, with their key paths
   */
  private static Concept concept(
      PlanValue concept, Map<String, String> names, SourceReader sources) {
    Optional<PlanValue> name = concept.need("name", "text");
    Optional<String> text = name.flatMap(PlanValue::text);
    text.ifPresent(given -> name.get().once(given, names));
    List<String> base = texts(concept.need("base_prompts", TEXTS_EXPECTED), PlanValue::text);
    SteeringSource source = sources.source(concept);
    List<String> steering =
        texts(SourceReader.prompts(concept, source, TEXTS_EXPECTED), PlanValue::text);
    Concept read =
        new Concept(
            text.orElse(""),
            base,
            steering,
            texts(concept.get("target_words"), PlanReader::targetWord),
            concept
                .get("contrast_prompts")
                .map(value -> contrastPrompts(value, steering.size()))
                .orElse(List.of()),
            texts(concept.get("target_continuations"), PlanValue::text),
            texts(concept.get("contrast_continuations"), PlanValue::text),
            source);
    if (concept.get("target_continuations").isPresent()
        != concept.get("contrast_continuations").isPresent()) {
      concept.fault(
          "target_continuations and contrast_continuations are compared with each other",
          "one of them",
          "both or none");
    }
    return SourceReader.described(read);
  }

  /** In order, one for each steering prompt or one for all; the same one may come again. */
  private static List<String> contrastPrompts(PlanValue value, int steeringPrompts) {
    List<PlanValue> items = value.items(TEXTS_EXPECTED);
    if (steeringPrompts > 0 && items.size() > 1 && items.size() != steeringPrompts) {
      value.fault(
          "contrast prompts without their steering prompts",
          items.size() + " for " + steeringPrompts,
          "one, or as many as there are steering prompts");
    }
    return items.stream().flatMap(item -> item.text().stream()).toList();
  }

  private static List<String> texts(
      Optional<PlanValue> value, Function<PlanValue, Optional<String>> reading) {
    return value
        .map(given -> PlanValue.distinct(given.items(TEXTS_EXPECTED), reading))
        .orElse(List.of());
  }

  /** A word with capitals or outer blanks would never be found in lower-cased text. */
  private static Optional<String> targetWord(PlanValue value) {
    Optional<String> word = value.text();
    if (word.isPresent()) {
      String findable = word.get().strip().toLowerCase(Locale.ROOT);
      if (!findable.equals(word.get())) {
        value.fault("not a lower-case word or phrase", "'" + findable + "'");
      }
    }
    return word;
  }

  private static List<HookPoint> hookPoints(PlanValue grid, Optional<PlanValue> flag) {
    String expected = "one or a list of " + String.join(", ", HookPoint.words());
    return flag.or(() -> grid.need("hook_points", expected))
        .map(
            value ->
                PlanValue.distinct(
                    value.items(expected),
                    item -> choice(item, "hook point", HookPoint.words(), HookPoint::of)))
        .orElse(List.of());
  }

  private static Optional<PositionRule> positions(PlanValue value) {
    return choice(value, "position rule", PositionRule.words(), PositionRule::of);
  }

  private static Optional<DoseUnit> dose(PlanValue value) {
    return choice(value, "dose", DoseUnit.words(), DoseUnit::of);
  }

  static <T> Optional<T> choice(
      PlanValue value, String what, List<String> words, Function<String, Optional<T>> of) {
    if (value.faulty()) {
      return Optional.empty();
    }
    Optional<T> chosen =
        value.node().isTextual() ? of.apply(value.node().asText()) : Optional.empty();
    if (chosen.isEmpty()) {
      value.faultAmong("unknown " + what, words);
    }
    return chosen;
  }

  private static LayerChoice layers(PlanValue value) {
    if (value.is(ALL)) {
      return new LayerChoice(true, List.of());
    }
    NumberRanges numbers = new NumberRanges(LAYERS_EXPECTED);
    value.items(LAYERS_EXPECTED).forEach(numbers::add);
    return new LayerChoice(false, numbers.sorted());
  }

  private static HeadChoice heads(PlanValue value) {
    Map<String, String> words = new LinkedHashMap<>();
    NumberRanges numbers = new NumberRanges(HEADS_EXPECTED);
    for (PlanValue item : value.items(HEADS_EXPECTED)) {
      if (item.is(ALL) || item.is(EACH)) {
        item.once(item.node().asText(), words);
      } else {
        numbers.add(item);
      }
    }
    if (words.containsKey(EACH) && !numbers.sorted().isEmpty()) {
      value.fault(
          "each already holds every head", "each together with numbers", "either each or numbers");
    }
    return new HeadChoice(words.containsKey(ALL), words.containsKey(EACH), numbers.sorted());
  }

  private static List<Double> settings(PlanValue grid, Optional<PlanValue> flag) {
    Optional<PlanValue> before = grid.get(SETTINGS_BEFORE);
    if (before.isPresent() && grid.get(SETTINGS).isPresent()) {
      before.get().fault("an older name of settings, beside them", "settings alone");
    }
    SettingRanges settings = new SettingRanges();
    flag.or(() -> before)
        .or(() -> grid.need(SETTINGS, SettingRanges.EXPECTED))
        .ifPresent(value -> value.items(SettingRanges.EXPECTED).forEach(settings::add));
    return settings.inOrder();
  }

  private static int newTokens(PlanValue value) {
    JsonNode node = value.node();
    boolean fits =
        node.isIntegralNumber()
            && node.canConvertToInt()
            && node.asInt() >= 1
            && node.asInt() <= MOST_NEW_TOKENS;
    if (!fits && !value.faulty()) {
      value.fault("not a number of tokens", "a whole number from 1 to " + MOST_NEW_TOKENS);
    }
    return node.asInt();
  }

  static boolean yesOrNo(PlanValue value) {
    if (!value.node().isBoolean() && !value.faulty()) {
      value.fault("not true or false", "true or false without quotes");
    }
    return value.node().asBoolean();
  }
}
