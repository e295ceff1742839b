package steersweep.score;

import java.util.ArrayList;
import java.util.List;
import steersweep.measure.Measure;
import steersweep.plan.Choice;
import steersweep.plan.Halves;
import steersweep.plan.TextChoice;
import steersweep.result.RunFolder;

/** What a sweep would choose from a made-up run's readings. */
public final class SimulatedChoices {
  private SimulatedChoices() {}

  public static List<Choice> of(RunFolder run, TextChoice rule) {
    Halves halves = Halves.of(run.manifest().plan().promptPairs());
    Grid grid = Grid.of(ResultTables.load(run).cells());
    Grid choosing = grid.where(pair -> halves.choosing().contains(pair.base()));
    List<Choice> choices = new ArrayList<>();
    for (String concept : grid.concepts()) {
      Grid of = choosing.where(pair -> pair.concept().equals(concept));
      choices.addAll(Ghosts.choose(concept, of, of.net(Measure.PULL), rule));
    }
    return choices;
  }
}
