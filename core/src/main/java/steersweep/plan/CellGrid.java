package steersweep.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * Every cell of a sweep over one model, in a fixed order: prompt pair by prompt pair, first the
 * baseline, then the prompted text, the steered cells and the controls, draw by draw; within these
 * hook point, layer, head, setting. Cells are computed from their number, so that a grid of
 * millions of cells takes no memory.
 *
 * @param pairs prompt pairs
 * @param sites places to steer
 * @param settings numbers of the plan, each tried at each site
 * @param controls what is run beside the steered cells
 */
public record CellGrid(
    List<PromptPair> pairs,
    List<Site> sites,
    List<Double> settings,
    PositionRule positions,
    Controls controls) {
  /** The order within a prompt pair. */
  private static final List<CellKind> ORDER =
      List.of(
          CellKind.BASELINE,
          CellKind.PROMPTED,
          CellKind.STEERED,
          CellKind.RANDOM,
          CellKind.SHUFFLED,
          CellKind.UNRELATED);

  /** More than 4096 layers of 64 heads at four hook points. */
  private static final int MOST_SITES = 1_000_000;

  /** Cells of a pair are counted with ints. */
  private static final int MOST_CELLS_OF_PAIR = 100_000_000;

  /** Layers or heads that a message lists. */
  private static final int MOST_SHOWN = 4;

  /** Ids of units have six digits. */
  public static final int MOST_UNITS = 1_000_000;

  /** Arithmetic of a unit of the size that {@link #unitCells} proposes, roughly. */
  private static final double FLOP_OF_UNIT = 4e12;

  /**
   * How often the model reads a cell's text, roughly: along the baseline, decoded, scored twice.
   */
  private static final int PASSES = 4;

  private static final int FEWEST_CELLS = 256;
  private static final int MOST_CELLS = 2048;

  public CellGrid {
    pairs = List.copyOf(pairs);
    sites = List.copyOf(sites);
    settings = List.copyOf(settings);
  }

  /**
   * The plan met with a model's sizes.
   *
   * @param where names the plan in messages, such as {@code conf/demo.yaml}
   * @throws steersweep.error.UserError naming every layer and head that the model does not have
   */
  public static CellGrid of(SweepPlan plan, ModelShape shape, String where) {
    return of(plan, shape, where, GridFlags.NONE);
  }

  /** The same for a plan of which the command line changed something. */
  public static CellGrid of(SweepPlan plan, ModelShape shape, String where, GridFlags flags) {
    Faults faults = new Faults();
    plan.hookPoints().stream()
        .filter(hookPoint -> !HookPoint.of(shape).contains(hookPoint))
        .forEach(
            hookPoint ->
                faults.add(
                    flags.where(where, "hook_points"),
                    "the model has no encoder; got "
                        + hookPoint.word()
                        + ", expected one without"));
    faults.throwIfAny();
    int nLayers = plan.hookPoints().stream().mapToInt(point -> point.layers(shape)).min().orElse(0);
    missing("layer", plan.layers().listed(), nLayers)
        .ifPresent(fault -> faults.add(flags.where(where, "layers"), fault));
    for (HookPoint hookPoint : plan.hookPoints()) {
      if (hookPoint.hasHeads()) {
        missing("head", plan.heads().listed(), hookPoint.heads(shape))
            .ifPresent(
                fault ->
                    faults.add(
                        flags.where(where, "heads"),
                        "hook point " + hookPoint.word() + ": " + fault));
      }
    }
    faults.throwIfAny();
    checkVectors(plan, shape, where);
    checkSize(plan, shape, where);
    List<Site> sites = new ArrayList<>();
    for (HookPoint hookPoint : plan.hookPoints()) {
      for (int layer : layers(plan, hookPoint, shape)) {
        for (int head : heads(plan, hookPoint, shape)) {
          sites.add(new Site(hookPoint, layer, head));
        }
      }
    }
    return new CellGrid(
        plan.promptPairs(), sites, plan.settings(), plan.positions(), plan.controls());
  }

  private static void checkVectors(SweepPlan plan, ModelShape shape, String where) {
    Faults faults = new Faults();
    for (Concept concept : plan.concepts()) {
      if (concept.source() instanceof GivenVector given) {
        for (HookPoint hookPoint : plan.hookPoints()) {
          for (int layer : layers(plan, hookPoint, shape)) {
            given
                .fault(hookPoint, layer, shape)
                .ifPresent(
                    fault ->
                        faults.add(
                            where + ": concepts '" + concept.name() + "': " + given.file(), fault));
          }
        }
      }
    }
    faults.throwIfAny();
  }

  /** One message for all layers, or heads, from {@code count} on. */
  private static Optional<String> missing(String what, List<Integer> listed, int count) {
    List<Integer> beyond = listed.stream().filter(number -> number >= count).toList();
    if (beyond.isEmpty()) {
      return Optional.empty();
    }
    String got =
        beyond.size() <= MOST_SHOWN
            ? beyond.stream().map(String::valueOf).collect(Collectors.joining(", "))
            : beyond.size() + " from " + beyond.get(0) + " to " + beyond.get(beyond.size() - 1);
    String plural = beyond.size() == 1 ? "" : "s";
    return Optional.of(
        "no such " + what + plural + "; got " + got + ", expected 0.." + (count - 1));
  }

  private static List<Integer> layers(SweepPlan plan, HookPoint hookPoint, ModelShape shape) {
    return plan.layers().all()
        ? IntStream.range(0, hookPoint.layers(shape)).boxed().toList()
        : plan.layers().listed();
  }

  private static void checkSize(SweepPlan plan, ModelShape shape, String where) {
    long sites =
        plan.hookPoints().stream()
            .mapToLong(
                hookPoint ->
                    (long) layers(plan, hookPoint, shape).size()
                        * heads(plan, hookPoint, shape).size())
            .sum();
    if (sites > MOST_SITES) {
      throw new UserError(
          where + ": grid",
          "too many places to steer; got " + sites + ", expected at most " + MOST_SITES);
    }
    Controls controls = plan.controls();
    double ofSite = (2.0 + controls.random() + controls.shuffled()) * plan.settings().size();
    if (sites * ofSite > MOST_CELLS_OF_PAIR) {
      throw new UserError(
          where + ": grid",
          "too many cells; expected at most " + MOST_CELLS_OF_PAIR + " for each prompt pair");
    }
  }

  private static List<Integer> heads(SweepPlan plan, HookPoint hookPoint, ModelShape shape) {
    if (!hookPoint.hasHeads()) {
      return List.of(Site.ALL_HEADS);
    }
    List<Integer> heads = new ArrayList<>();
    if (plan.heads().together()) {
      heads.add(Site.ALL_HEADS);
    }
    heads.addAll(
        plan.heads().each()
            ? IntStream.range(0, hookPoint.heads(shape)).boxed().toList()
            : plan.heads().listed());
    return heads;
  }

  /** Cells of one prompt pair, its baseline included. */
  public int cellsPerPair() {
    return ORDER.stream().mapToInt(this::cellsPerPair).reduce(0, Math::addExact);
  }

  /** Cells of a kind in one prompt pair. */
  public int cellsPerPair(CellKind kind) {
    return switch (kind) {
      case BASELINE -> 1;
      case PROMPTED -> controls.prompted() ? 1 : 0;
      case STEERED -> ofDraw(kind);
      case RANDOM -> Math.multiplyExact(controls.random(), ofDraw(kind));
      case SHUFFLED -> Math.multiplyExact(controls.shuffled(), ofDraw(kind));
      case UNRELATED -> controls.unrelated() ? ofDraw(kind) : 0;
    };
  }

  /** Cells of a kind that has sites, for each draw. */
  private int ofDraw(CellKind kind) {
    return Math.multiplyExact(sites.size(), settings(kind).size());
  }

  /** A random direction has no sign: it is tried at each size that some setting has. */
  List<Double> settings(CellKind kind) {
    return kind == CellKind.RANDOM
        ? settings.stream().map(Math::abs).distinct().toList()
        : settings;
  }

  /** Cells of the whole sweep. */
  public long size() {
    return (long) pairs.size() * cellsPerPair();
  }

  /**
   * @param index from 0 to {@link #size()}, exclusive
   */
  public Cell cell(long index) {
    PromptPair pair = pairs.get(Math.toIntExact(index / cellsPerPair()));
    int within = (int) (index % cellsPerPair());
    for (CellKind kind : ORDER) {
      if (within < cellsPerPair(kind)) {
        return cell(index, kind, pair, within);
      }
      within -= cellsPerPair(kind);
    }
    throw new IndexOutOfBoundsException("cell " + index + " of " + size());
  }

  /**
   * @param within counted within the cells of this kind and pair
   */
  private Cell cell(long index, CellKind kind, PromptPair pair, int within) {
    return switch (kind) {
      case BASELINE, PROMPTED -> new Cell(index, kind, null, pair, null, 0, positions);
      case STEERED, UNRELATED -> cell(index, kind, null, pair, within);
      case RANDOM, SHUFFLED -> {
        int draw = within / ofDraw(kind);
        yield cell(index, kind, draw, pair, within % ofDraw(kind));
      }
    };
  }

  private Cell cell(
      long index, CellKind kind, @Nullable Integer draw, PromptPair pair, int within) {
    List<Double> ofKind = settings(kind);
    Site site = sites.get(within / ofKind.size());
    double setting = ofKind.get(within % ofKind.size());
    return new Cell(index, kind, draw, pair, site, setting, positions);
  }

  /**
   * The number of the cell of this grid that is like a cell of another grid with the same position
   * rule; empty if this grid has none.
   *
   * @param pair index of its prompt pair in this grid
   */
  public OptionalLong find(int pair, Cell like) {
    CellKind kind = like.kind();
    int within = 0;
    if (like.site() != null) {
      int draw = like.draw() == null ? 0 : like.draw();
      int site = sites.indexOf(like.site());
      int setting = settings(kind).indexOf(like.setting());
      if (site < 0 || setting < 0) {
        return OptionalLong.empty();
      }
      within = draw * ofDraw(kind) + site * settings(kind).size() + setting;
    }
    if (within >= cellsPerPair(kind)) {
      return OptionalLong.empty();
    }
    int before = ORDER.subList(0, ORDER.indexOf(kind)).stream().mapToInt(this::cellsPerPair).sum();
    return OptionalLong.of((long) pair * cellsPerPair() + before + within);
  }

  /**
   * The steered cells that a control is compared with, of the same pair, site and setting; at both
   * signs of the setting, as far as the grid has them, where the control has none.
   */
  public List<Cell> comparedWith(Cell control) {
    int first =
        cellsPerPair(CellKind.BASELINE)
            + cellsPerPair(CellKind.PROMPTED)
            + sites.indexOf(control.site()) * settings.size();
    long pair = control.index() / cellsPerPair();
    return IntStream.range(0, settings.size())
        .filter(
            i ->
                control.kind() == CellKind.RANDOM
                    ? Math.abs(settings.get(i)) == control.setting()
                    : settings.get(i) == control.setting())
        .mapToObj(i -> cell(pair * cellsPerPair() + first + i))
        .toList();
  }

  /** The cells of a unit of screening, in order. */
  public List<Cell> cells(Unit unit) {
    return LongStream.range(unit.from(), unit.to()).mapToObj(this::cell).toList();
  }

  /** The whole sweep cut into units of {@code unitCells} cells; the last one may have fewer. */
  public List<Unit> units(int unitCells) {
    return Unit.cut(Stage.SCREEN, size(), unitCells);
  }

  /**
   * Cells of a unit that make a good size: enough work to fill batches, not so much that a killed
   * process loses minutes. Depends on the plan and the model alone, since runs are told apart by
   * it.
   */
  public static int unitCells(SweepPlan plan, ModelShape shape) {
    double flopPerCell = 2 * shape.parameters() * PASSES * plan.newTokens();
    double wanted = Math.max(FEWEST_CELLS, Math.min(FLOP_OF_UNIT / flopPerCell, MOST_CELLS));
    return Integer.highestOneBit((int) wanted);
  }
}
