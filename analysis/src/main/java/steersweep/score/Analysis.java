package steersweep.score;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.plan.CellKind;
import steersweep.plan.Choice;
import steersweep.plan.Choice.Why;
import steersweep.plan.Concept;
import steersweep.plan.Halves;
import steersweep.result.Chosen;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/**
 * What a run's results say: the whole way from tables to findings.
 *
 * @param concepts the answer for each concept, in the plan's order
 * @param all the answer for all of them together; the same as the only one's where there is one
 * @param specificity pull along every concept's axis
 * @param agreement of screen and texts: of pull and evidence, both with the control taken off, over
 *     the sites and settings that were drawn by chance, concept by concept
 * @param controlled whether effects are minus those of random directions, or only minus the
 *     baseline
 * @param written whether it is decided which sites get texts
 * @param chance of being recognised by chance
 * @param budget most mean damage, nats per token
 * @param choosing base prompts that sites were chosen by
 */
public record Analysis(
    List<ConceptFindings> concepts,
    ConceptFindings all,
    Specificity specificity,
    Agreement agreement,
    boolean controlled,
    boolean written,
    double chance,
    double budget,
    Set<String> choosing) {
  public Analysis {
    concepts = List.copyOf(concepts);
    choosing = Set.copyOf(choosing);
  }

  /** Whether a base prompt had no say in the choice of sites. */
  public boolean heldOut(String basePrompt) {
    return !choosing.contains(basePrompt);
  }

  /**
   * @param layers of the model: what is an early and what a late layer
   */
  public static Analysis of(ResultTables tables, int layers) {
    return new Judging(tables, layers).all();
  }

  /** The findings of a name: of a concept, or {@link ConceptFindings#ALL}. */
  public Optional<ConceptFindings> of(String name) {
    return all.concept().equals(name)
        ? Optional.of(all)
        : concepts.stream().filter(of -> of.concept().equals(name)).findFirst();
  }

  /** The site and setting to use for a concept; empty as long as texts have confirmed none. */
  public Optional<Point> recommended(String concept) {
    return of(concept)
        .map(ConceptFindings::recommendation)
        .filter(Recommendation::confirmed)
        .flatMap(of -> Optional.ofNullable(of.score()))
        .map(SiteScore::point);
  }

  /** Concepts whose site texts confirmed. */
  public List<ConceptFindings> confirmed() {
    return concepts.stream().filter(of -> of.recommendation().confirmed()).toList();
  }

  /** Every answer: of each concept, then of all together where there are more than one. */
  public List<ConceptFindings> each() {
    List<ConceptFindings> each = new ArrayList<>(concepts);
    if (concepts.size() != 1) {
      each.add(all);
    }
    return each;
  }

  /** The work of judging, with what every step needs. */
  private static final class Judging {
    private final ResultTables tables;
    private final int layers;
    private final Grid grid;
    private final Set<String> choosing;
    private final List<Choice> choices;
    private final double budget;

    Judging(ResultTables tables, int layers) {
      this.tables = tables;
      this.layers = layers;
      grid = Grid.of(tables.cells());
      Halves halves =
          Halves.of(
              grid.pairs().stream().map(Grid.Pair::concept).toList(),
              grid.pairs().stream().map(Grid.Pair::base).toList());
      choosing = halves.choosing();
      budget = tables.texts().damage();
      Chosen chosen = tables.chosen();
      choices = chosen == null ? List.of() : chosen.choices();
    }

    Analysis all() {
      Map<String, Recommendation> recommended = new LinkedHashMap<>();
      List<ConceptFindings> concepts = new ArrayList<>();
      for (String concept : grid.concepts()) {
        ConceptFindings found =
            findings(concept, grid.where(p -> p.concept().equals(concept)), null);
        concepts.add(found);
        recommended.put(concept, found.recommendation());
      }
      ConceptFindings all =
          concepts.size() == 1 ? concepts.get(0) : findings(ConceptFindings.ALL, grid, recommended);
      return new Analysis(
          concepts,
          all,
          specificity(concepts),
          agreement(concepts),
          grid.controlled(),
          tables.chosen() != null,
          chance(),
          budget,
          choosing);
    }

    /** One in as many as there are kinds of prompts: steering prompts, and contrast prompts. */
    private double chance() {
      long contrasts =
          tables.concepts().stream().filter(c -> !c.contrastPrompts().isEmpty()).count();
      return 1.0 / Math.max(1, tables.concepts().size() + contrasts);
    }

    private ConceptFindings findings(
        String name, Grid of, @Nullable Map<String, Recommendation> recommended) {
      Grid heldOut = of.where(pair -> !choosing.contains(pair.base()));
      Map<Point, TextTest> tests = TextTests.of(heldOut, candidates(name, heldOut));
      double negligible = SiteScores.negligible(of);
      List<SiteScore> scores = SiteScores.of(of, negligible, budget, tests);
      Recommendation recommendation = Recommendation.of(scores, tests, budget);
      List<TextTest> tested = List.copyOf(tests.values());
      EqualDamage equal = EqualDamage.of(of);
      ClaimRule.Data data =
          new ClaimRule.Data(
              of,
              heldOut,
              scores,
              tested,
              recommended == null ? Map.of(name, recommendation) : recommended,
              opposites(),
              equal,
              negligible,
              budget,
              layers,
              chance());
      return new ConceptFindings(
          name,
          of.clusters().count(),
          of.pairs().size(),
          negligible,
          prompting(of),
          promptedEvidence(name),
          scores,
          tested,
          recommendation,
          ClaimRule.judgeAll(data),
          equal);
    }

    private Map<String, List<Point>> opposites() {
      return choices.stream()
          .filter(choice -> choice.why() == Why.OPPOSITE)
          .collect(
              Collectors.groupingBy(
                  Choice::concept,
                  Collectors.mapping(
                      of -> new Point(of.site(), of.setting()), Collectors.toList())));
    }

    private List<Choice> candidates(String name, Grid heldOut) {
      return name.equals(ConceptFindings.ALL)
          ? TextTests.inAll(heldOut, choices)
          : choices.stream().filter(choice -> choice.concept().equals(name)).toList();
    }

    /** The same at every site of a pair. */
    private static Interval prompting(Grid of) {
      List<double[]> all = List.of(of.steered(Measure.PULL_PROMPTING));
      return of.clusters().interval(ClaimRule.mean(all));
    }

    private Interval promptedEvidence(String name) {
      Table prompted = of(CellKind.PROMPTED, name);
      Map<Integer, Double> baselines = new LinkedHashMap<>();
      for (Row row : of(CellKind.BASELINE, name)) {
        baselines.put(row.getInt("pair"), row.getDouble(Measure.EVIDENCE.column()));
      }
      DoubleColumn evidence = prompted.doubleColumn(Measure.EVIDENCE.column());
      double[] differences = new double[prompted.rowCount()];
      for (int i = 0; i < differences.length; i++) {
        differences[i] =
            evidence.getDouble(i)
                - baselines.getOrDefault(prompted.intColumn("pair").get(i), Double.NaN);
      }
      return Interval.of(differences, prompted.stringColumn("base_prompt").asList());
    }

    private Table of(CellKind kind, String name) {
      Table rows = tables.of(kind);
      return name.equals(ConceptFindings.ALL)
          ? rows
          : rows.where(rows.stringColumn("concept").isEqualTo(name));
    }

    private Specificity specificity(List<ConceptFindings> concepts) {
      List<String> names = tables.concepts().stream().map(Concept::name).toList();
      List<Specificity.Row> rows = new ArrayList<>();
      if (names.size() > 1) {
        for (ConceptFindings of : concepts) {
          SiteScore score = of.recommendation().score();
          if (score != null) {
            rows.add(row(of.concept(), score.point(), names));
          }
        }
      }
      return new Specificity(names, rows);
    }

    private Specificity.Row row(String concept, Point point, List<String> names) {
      Grid of = grid.where(pair -> pair.concept().equals(concept));
      int k = of.indexOf(point);
      List<Interval> pulls = new ArrayList<>();
      for (int axis = 0; axis < names.size(); axis++) {
        pulls.add(of.clusters().interval(of.net(AvroTable.place("pulls", axis))[k]));
      }
      return new Specificity.Row(concept, point, pulls);
    }

    /** Over the sample that was drawn for it. */
    private Agreement agreement(List<ConceptFindings> concepts) {
      List<Agreement.Seen> seen = new ArrayList<>();
      for (ConceptFindings of : concepts) {
        Set<Point> sample =
            Set.copyOf(
                choices.stream()
                    .filter(c -> c.why() == Why.SAMPLE && c.concept().equals(of.concept()))
                    .map(choice -> new Point(choice.site(), choice.setting()))
                    .toList());
        of.scores().stream()
            .filter(score -> sample.contains(score.point()))
            .map(s -> new Agreement.Seen(s.pull().mean(), s.of(Measure.EVIDENCE).net().mean()))
            .forEach(seen::add);
      }
      return Agreement.of(seen);
    }
  }
}
