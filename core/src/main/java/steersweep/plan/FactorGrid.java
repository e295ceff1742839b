package steersweep.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What factors are solved for where settings are damages: for each steering source and site of a
 * sweep one factor for each setting, the same for all base prompts of the concept. In a fixed
 * order, source by source, and cut into units as cells are.
 */
public final class FactorGrid {
  /** Readings of a source at a site before its factors are known, roughly, for each setting. */
  private static final int READINGS = 2;

  /** A unit of factors is this much larger than one of cells: it gets along without texts. */
  private static final int LARGER = 4;

  private final CellGrid grid;
  private final List<Source> sources = new ArrayList<>();
  private final int steeringPrompts;

  /**
   * What is added, but for the base prompt that it is added to.
   *
   * @param steeringPrompt one of the concept's
   * @param draw which of several random draws; null where nothing is random
   * @param pairs the steering prompt with each base prompt of the concept
   */
  public record Source(
      String concept,
      String steeringPrompt,
      CellKind kind,
      @Nullable Integer draw,
      List<PromptPair> pairs) {
    public Source {
      pairs = List.copyOf(pairs);
    }
  }

  /** A source at a site. */
  public record Place(Source source, Site site) {}

  public FactorGrid(CellGrid grid) {
    this.grid = grid;
    Map<List<String>, List<PromptPair>> together = new LinkedHashMap<>();
    for (PromptPair pair : grid.pairs()) {
      together
          .computeIfAbsent(List.of(pair.concept(), pair.steeringPrompt()), of -> new ArrayList<>())
          .add(pair);
    }
    together.values().forEach(this::addSources);
    steeringPrompts = together.size();
  }

  private void addSources(List<PromptPair> pairs) {
    add(pairs, CellKind.STEERED, null);
    for (int draw = 0; draw < grid.controls().random(); draw++) {
      add(pairs, CellKind.RANDOM, draw);
    }
    for (int draw = 0; draw < grid.controls().shuffled(); draw++) {
      add(pairs, CellKind.SHUFFLED, draw);
    }
    if (grid.controls().unrelated()) {
      add(pairs, CellKind.UNRELATED, null);
    }
  }

  private void add(List<PromptPair> pairs, CellKind kind, @Nullable Integer draw) {
    PromptPair first = pairs.get(0);
    sources.add(new Source(first.concept(), first.steeringPrompt(), kind, draw, pairs));
  }

  /** Factors of the whole sweep. */
  public long size() {
    return sources.stream().mapToLong(this::factors).sum();
  }

  private long factors(Source source) {
    return (long) settings(source).size() * grid.sites().size();
  }

  /** Settings that a source is tried at. */
  public List<Double> settings(Source source) {
    return grid.settings(source.kind());
  }

  /** Every source at every site. */
  public List<Place> places() {
    return sources.stream()
        .flatMap(source -> grid.sites().stream().map(site -> new Place(source, site)))
        .toList();
  }

  /** The places of a unit, in order. */
  public List<Place> places(Unit unit) {
    List<Place> places = new ArrayList<>();
    long before = 0;
    for (Source source : sources) {
      int settings = settings(source).size();
      long from = Math.max(0, unit.from() - before) / settings;
      long to = Math.min(factors(source), unit.to() - before) / settings;
      for (long site = from; site < to; site++) {
        places.add(new Place(source, grid.sites().get((int) site)));
      }
      before += factors(source);
    }
    return places;
  }

  /**
   * All factors cut into units, between places.
   *
   * @param unitCells most cells in a unit of cells
   */
  public List<Unit> units(int unitCells) {
    long bases = Math.max(1, grid.pairs().size() / steeringPrompts);
    long readings = READINGS * grid.settings().size() * bases;
    long most = Math.max(1, (long) LARGER * unitCells / readings);
    List<Unit> units = new ArrayList<>();
    long from = 0;
    long to = 0;
    int places = 0;
    for (Source source : sources) {
      for (int site = 0; site < grid.sites().size(); site++) {
        to += settings(source).size();
        if (++places == most) {
          units.add(new Unit(Stage.SOLVE, units.size(), from, to));
          from = to;
          places = 0;
        }
      }
    }
    if (to > from) {
      units.add(new Unit(Stage.SOLVE, units.size(), from, to));
    }
    return units;
  }
}
