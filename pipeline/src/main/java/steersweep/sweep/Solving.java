package steersweep.sweep;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Engine;
import steersweep.engine.Response;
import steersweep.engine.Steer;
import steersweep.plan.FactorGrid;
import steersweep.plan.FactorGrid.Place;
import steersweep.plan.PositionRule;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.result.CompletionRow;
import steersweep.result.FactorRow;

/**
 * The work of units of solving: factors that do the damage which settings ask for. Each round reads
 * all searches' next factors along the baselines of all their base prompts, in full batches, until
 * no search has a question left.
 */
final class Solving {
  /**
   * Most rows in a run of the model, whatever other stages have: the last bits of a damage depend
   * on what shares its batch, and factors must not.
   */
  private static final int ROWS = 32;

  /** Doses beyond this change nothing more: what is added is all that is left. */
  private static final double MOST_DOSE = 1000;

  private static final String NOTHING_ADDED =
      "no factor changes anything: what is added, or what it is added to, is 0";

  private final Engine engine;
  private final PairContexts contexts;
  private final FactorGrid grid;
  private final PositionRule positions;

  Solving(Engine engine, PairContexts contexts, FactorGrid grid, PositionRule positions) {
    this.engine = engine;
    this.contexts = contexts;
    this.grid = grid;
    this.positions = positions;
  }

  /**
   * What a search tries factors on.
   *
   * @param sign of the settings that it is for
   * @param steps null where nothing can be added
   */
  private record Search(
      Place place, int sign, List<Double> settings, @Nullable FactorSearch steps) {}

  /** A factor to be read along every base prompt. */
  private record Question(Search search, double factor) {}

  /**
   * A row for each place and setting, in their order.
   *
   * @param unit id of the unit that they are of
   * @param known rows that an earlier run has, by whose they are
   */
  List<FactorRow> rows(String unit, List<Place> places, Map<FactorRow.Key, FactorRow> known) {
    Added added = new Added();
    List<List<Search>> searches = new ArrayList<>();
    for (Place place : places) {
      searches.add(searches(place, known.keySet(), added));
    }
    List<Search> all = searches.stream().flatMap(List::stream).toList();
    for (List<Question> asked = asked(all); !asked.isEmpty(); asked = asked(all)) {
      answer(asked, added);
    }
    List<FactorRow> rows = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      for (double setting : grid.settings(places.get(i).source())) {
        FactorRow.Key key = FactorRow.Key.of(places.get(i), setting);
        FactorRow row = known.get(key);
        rows.add(row == null ? row(unit, key, searches.get(i)) : row);
      }
    }
    return rows;
  }

  private static List<Question> asked(List<Search> searches) {
    List<Question> asked = new ArrayList<>();
    for (Search search : searches) {
      if (search.steps() != null) {
        search.steps().next().forEach(factor -> asked.add(new Question(search, factor)));
      }
    }
    return asked;
  }

  /** Of each sign that the settings have. */
  private List<Search> searches(Place place, Set<FactorRow.Key> known, Added added) {
    List<Search> searches = new ArrayList<>();
    for (int sign : new int[] {1, -1}) {
      List<Double> settings =
          grid.settings(place.source()).stream()
              .filter(setting -> Math.signum(setting) == sign)
              .filter(setting -> !known.contains(FactorRow.Key.of(place, setting)))
              .toList();
      if (!settings.isEmpty()) {
        double dose = added.dose(place);
        double first = firstDose(place.site()) / dose;
        double most = MOST_DOSE / dose;
        boolean possible = usable(first) && usable(most);
        List<Double> damages = settings.stream().map(Math::abs).toList();
        searches.add(
            new Search(
                place, sign, settings, possible ? new FactorSearch(damages, first, most) : null));
      }
    }
    return searches;
  }

  private static boolean usable(double factor) {
    return Float.isFinite((float) factor) && (float) factor != 0;
  }

  /** About what does some tenths of a nat in the middle of a model. */
  private static double firstDose(Site site) {
    return switch (site.hookPoint()) {
      case RESIDUAL_POST, ENCODER_RESIDUAL_POST -> 0.2;
      case VALUE,
          HEAD_OUTPUT,
          ATTENTION_OUTPUT,
          MLP_OUTPUT,
          CROSS_VALUE,
          CROSS_ATTENTION_OUTPUT,
          ENCODER_VALUE,
          ENCODER_HEAD_OUTPUT,
          ENCODER_ATTENTION_OUTPUT,
          ENCODER_MLP_OUTPUT ->
          1;
    };
  }

  private void answer(List<Question> asked, Added added) {
    List<Steer.Reading> readings = new ArrayList<>();
    for (Question question : asked) {
      Place place = question.search().place();
      for (PromptPair pair : place.source().pairs()) {
        readings.add(
            Steer.Reading.ofBaseline(
                new Steer.Request(
                    added.context(pair).baseline(),
                    added.of(place.source(), pair).activations(),
                    place.site(),
                    question.search().sign() * question.factor(),
                    positions),
                List.of()));
      }
    }
    List<Response> responses = Steer.read(engine, readings, ROWS);
    int next = 0;
    for (Question question : asked) {
      int bases = question.search().place().source().pairs().size();
      double mean =
          responses.subList(next, next + bases).stream()
              .mapToDouble(Response::damage)
              .average()
              .orElseThrow();
      next += bases;
      Objects.requireNonNull(question.search().steps()).add(question.factor(), mean);
    }
  }

  private static FactorRow row(String unit, FactorRow.Key key, List<Search> searches) {
    Search search =
        searches.stream()
            .filter(of -> of.settings().contains(key.setting()))
            .findFirst()
            .orElseThrow();
    FactorSearch steps = search.steps();
    if (steps == null) {
      return FactorRow.without(key, unit, 0, FactorRow.OUT_OF_REACH, NOTHING_ADDED);
    }
    double passes = (double) steps.tries() / search.settings().size();
    FactorSearch.Result found = steps.result(Math.abs(key.setting()));
    Double factor = found.factor();
    return factor == null
        ? FactorRow.without(key, unit, passes, FactorRow.OUT_OF_REACH, found.reason())
        : new FactorRow(
            key, unit, search.sign() * factor, found.damage(), passes, CompletionRow.OK, null);
  }

  /** What is added in a unit, made once: its searches come back to it round after round. */
  private final class Added {
    private final Map<PromptPair, PairContext> ofPairs = new HashMap<>();
    private final Map<PairContexts.Source, PairContexts.Added> ofSources = new HashMap<>();

    PairContext context(PromptPair pair) {
      return ofPairs.computeIfAbsent(
          pair, of -> Objects.requireNonNull(contexts.of(List.of(of)).get(of)));
    }

    PairContexts.Added of(FactorGrid.Source source, PromptPair pair) {
      return ofSources.computeIfAbsent(
          new PairContexts.Source(pair, source.kind(), source.draw()),
          of -> contexts.added(of, context(pair).baseline()));
    }

    /** At factor 1, mean over the base prompts. */
    double dose(Place place) {
      return place.source().pairs().stream()
          .mapToDouble(pair -> of(place.source(), pair).dose().at(place.site(), 1))
          .average()
          .orElseThrow();
    }
  }
}
