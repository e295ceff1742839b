package steersweep;

import java.nio.file.Path;
import java.util.List;
import steersweep.plan.ChoiceRule;

/**
 * Writes a simulated run of the size of a sweep over a 7B model: 32 layers, 32 heads, values and
 * block outputs, 8 scales, a random control. Arguments: the run folder, and base prompts for each
 * of 4 concepts, each with 2 steering prompts; 10 of them make a million cells.
 */
public final class SimulatedRunMain {
  private SimulatedRunMain() {}

  public static void main(String[] args) {
    SimulatedRun run =
        new SimulatedRun(
            4,
            Integer.parseInt(args[1]),
            2,
            32,
            32,
            List.of(-10.0, -5.0, -2.0, -1.0, 1.0, 2.0, 5.0, 10.0),
            1,
            0.5,
            1,
            ChoiceRule.ALL);
    run.write(Path.of(args[0]));
    System.out.println(run.cells());
  }
}
