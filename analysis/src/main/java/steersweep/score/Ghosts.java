package steersweep.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.random.RandomAdaptor;
import org.apache.commons.math3.random.Well19937c;
import org.apache.commons.math3.stat.StatUtils;
import steersweep.measure.Measure;
import steersweep.plan.Candidates;
import steersweep.plan.Choice;
import steersweep.plan.Choice.Why;
import steersweep.plan.Concept;
import steersweep.plan.Halves;
import steersweep.plan.TextChoice;

/**
 * A run judged as if it had been another, in which nothing can work: each concept's cells by the
 * contexts of another concept (over all ways to give every concept another one's contexts, each
 * such pair of concepts comes equally often), and random directions in the place of the steered
 * cells. Candidates are chosen anew, among the sites that have texts, and put to the test the same
 * way.
 */
public record Ghosts(List<Case> cases) {
  public Ghosts {
    cases = List.copyOf(cases);
  }

  /**
   * A concept judged by what is not its own.
   *
   * @param by whose contexts, or which random direction
   * @param candidates that were put to the test
   * @param confirmed how many of them the test let pass
   */
  public record Case(String concept, String by, int candidates, int confirmed) {}

  public static Ghosts of(ResultTables tables) {
    Grid grid = Grid.of(tables.cells());
    List<String> names = tables.concepts().stream().map(Concept::name).toList();
    List<Case> cases = new ArrayList<>();
    for (String concept : grid.concepts()) {
      Grid of = grid.where(pair -> pair.concept().equals(concept));
      for (int axis = 0; axis < names.size(); axis++) {
        if (!names.get(axis).equals(concept)) {
          String pulls = AvroTable.place("pulls", axis);
          String evidences = AvroTable.place("evidences", axis);
          cases.add(judge(concept, names.get(axis), of, pulls, evidences, tables.texts()));
        }
      }
      for (int draw = 0; draw < of.draws(); draw++) {
        Grid random = of.withRandomAsSteered(draw);
        String pull = Measure.PULL.column();
        String by = "random direction " + (draw + 1);
        cases.add(judge(concept, by, random, pull, Measure.EVIDENCE.column(), tables.texts()));
      }
    }
    return new Ghosts(cases);
  }

  /** Cases with a test, and those of them that confirmed something. */
  public long tested() {
    return cases.stream().filter(of -> of.candidates() > 0).count();
  }

  public long confirmed() {
    return cases.stream().filter(of -> of.confirmed() > 0).count();
  }

  private static Case judge(
      String concept, String by, Grid grid, String pulls, String evidences, TextChoice rule) {
    Halves halves =
        Halves.of(
            grid.pairs().stream().map(Grid.Pair::concept).toList(),
            grid.pairs().stream().map(Grid.Pair::base).toList());
    Grid choosing = grid.where(pair -> halves.choosing().contains(pair.base()));
    Grid heldOut = grid.where(pair -> !halves.choosing().contains(pair.base()));
    double[][] evidence = heldOut.net(evidences);
    double[][] pull = choosing.net(pulls);
    for (int k = 0; k < pull.length; k++) {
      if (Estimate.there(evidence[k]).length == 0) {
        Arrays.fill(pull[k], Double.NaN);
      }
    }
    List<Choice> choices = choose(concept, choosing, pull, rule);
    Map<Point, TextTest> tests = TextTests.of(heldOut, evidence, choices);
    List<TextTest> best = tests.values().stream().filter(t -> t.why() == Why.BEST).toList();
    return new Case(
        concept, by, best.size(), (int) best.stream().filter(TextTest::confirmed).count());
  }

  /**
   * What a sweep would choose.
   *
   * @param choosing the concept's pairs of the choosing half
   * @param pull of each point and pair of it, control taken off; points without any are left out
   */
  static List<Choice> choose(String concept, Grid choosing, double[][] pull, TextChoice rule) {
    double[][] damage = choosing.steered(Measure.DAMAGE);
    List<Candidates.Read> points = new ArrayList<>();
    for (int k = 0; k < pull.length; k++) {
      double[] pulls = Estimate.there(pull[k]);
      if (pulls.length > 0) {
        Point at = choosing.points().get(k);
        double damages = StatUtils.mean(Estimate.there(damage[k]));
        points.add(new Candidates.Read(at.site(), at.setting(), damages, StatUtils.mean(pulls)));
      }
    }
    return new Candidates(concept, points)
        .choices(rule, new RandomAdaptor(new Well19937c(concept.hashCode())));
  }
}
