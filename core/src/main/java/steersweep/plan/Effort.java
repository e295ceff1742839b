package steersweep.plan;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * How much a sweep has to do in each stage, in tokens that go through the whole model: what minutes
 * are worked out from. What depends on texts that are not there yet is guessed.
 *
 * @param tokens of each stage that the plan has
 */
public record Effort(Map<Stage, Double> tokens) {
  /** Factors that are tried, for each that is found (measured: 1.5 to 2.5). */
  private static final double TRIES = 2;

  /** A generated token takes longer than one that is read together with others. */
  public static final double OF_GENERATED = 2;

  /** Texts, of all that are chosen, that leave the baseline and are no other cell's. */
  private static final double DIFFERENT_TEXTS = 0.8;

  public Effort {
    tokens = Map.copyOf(tokens);
  }

  /**
   * @param length of a text in tokens
   */
  public static Effort of(
      SweepPlan plan, CellGrid grid, ModelShape shape, ToIntFunction<String> length) {
    Sizes sizes = Sizes.of(plan, length);
    Map<Stage, Double> tokens = new EnumMap<>(Stage.class);
    double share = shareAbove(grid, shape);
    double steered = (double) (grid.cellsPerPair() - withoutSite(grid)) * grid.pairs().size();
    double reading = sizes.base() + plan.newTokens();
    // a context is read once for all cells of a base prompt
    double contexts = bases(grid) * sizes.contexts() * (sizes.context() + sizes.base());
    if (plan.dose() == DoseUnit.KL) {
      double pairs = grid.pairs().size() / (double) sources(grid);
      double factors = new FactorGrid(grid).size();
      tokens.put(Stage.SOLVE, TRIES * factors * pairs * reading * share);
    }
    double axes = bases(grid) * sizes.contexts() * plan.newTokens();
    tokens.put(Stage.SCREEN, steered * reading * share + contexts + axes);
    double scored = (1 + sizes.contexts()) * plan.newTokens();
    double text = OF_GENERATED * plan.newTokens() + reading + scored;
    tokens.put(Stage.WRITE, DIFFERENT_TEXTS * texts(plan, grid) * text + contexts);
    return new Effort(tokens);
  }

  /** The same for each cell of a stage, or factor. */
  public Map<Stage, Double> ofCell(SweepPlan plan, CellGrid grid) {
    Map<Stage, Double> cells = cells(plan, grid);
    Map<Stage, Double> ofCell = new EnumMap<>(Stage.class);
    tokens.forEach(
        (stage, all) -> ofCell.put(stage, all / Math.max(1, cells.getOrDefault(stage, 0.0))));
    return ofCell;
  }

  /** How many cells a stage has, or factors; of texts, about. */
  public static Map<Stage, Double> cells(SweepPlan plan, CellGrid grid) {
    Map<Stage, Double> cells = new EnumMap<>(Stage.class);
    if (plan.dose() == DoseUnit.KL) {
      cells.put(Stage.SOLVE, (double) new FactorGrid(grid).size());
    }
    cells.put(Stage.SCREEN, (double) grid.size());
    cells.put(Stage.WRITE, texts(plan, grid));
    return cells;
  }

  /** Cells that will get a text, at most, of what the plan chooses. */
  public static double texts(SweepPlan plan, CellGrid grid) {
    double unsteered = (double) withoutSite(grid) * grid.pairs().size();
    double all = grid.size() - unsteered;
    return switch (plan.texts().rule()) {
      case ALL, SURVIVORS -> all + unsteered;
      case BEST -> {
        Set<HookPoint> hookPoints = new HashSet<>(plan.hookPoints());
        boolean negative = plan.settings().stream().anyMatch(setting -> setting < 0);
        double points =
            hookPoints.size() * (plan.texts().sites() + (negative ? 1.0 : 0.0))
                + plan.texts().sample();
        Controls controls = plan.controls();
        double kinds = 1 + controls.random() + controls.shuffled() + (controls.unrelated() ? 1 : 0);
        yield unsteered + Math.min(all, points * kinds * grid.pairs().size());
      }
    };
  }

  private static int withoutSite(CellGrid grid) {
    return grid.cellsPerPair(CellKind.BASELINE) + grid.cellsPerPair(CellKind.PROMPTED);
  }

  private static long sources(CellGrid grid) {
    return grid.pairs().stream()
        .map(pair -> List.of(pair.concept(), pair.steeringPrompt()))
        .distinct()
        .count();
  }

  private static double bases(CellGrid grid) {
    return grid.pairs().stream()
        .map(pair -> List.of(pair.concept(), pair.basePrompt()))
        .distinct()
        .count();
  }

  /** A pass starts at the steered layer: the mean part of the model that is run. */
  private static double shareAbove(CellGrid grid, ModelShape shape) {
    return grid.sites().stream()
        .mapToDouble(site -> shape.hasEncoder() ? 1 : 1 - (double) site.layer() / shape.nLayers())
        .average()
        .orElse(1);
  }

  /** Mean lengths, and how many prompts texts are compared with. */
  private record Sizes(double base, double context, int contexts) {
    static Sizes of(SweepPlan plan, ToIntFunction<String> length) {
      List<String> bases = new ArrayList<>();
      Set<String> contexts = new HashSet<>();
      for (Concept concept : plan.concepts()) {
        bases.addAll(concept.basePrompts());
        contexts.addAll(concept.steeringPrompts());
        contexts.addAll(concept.contrastPrompts());
      }
      return new Sizes(mean(bases, length), mean(contexts, length), contexts.size());
    }

    private static double mean(Iterable<String> texts, ToIntFunction<String> length) {
      double sum = 0;
      int count = 0;
      for (String text : texts) {
        sum += length.applyAsInt(text);
        count++;
      }
      return sum / Math.max(1, count);
    }
  }
}
