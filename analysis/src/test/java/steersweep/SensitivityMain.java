package steersweep;

import java.nio.file.Path;
import steersweep.result.RunFolder;
import steersweep.score.Ghosts;
import steersweep.score.ResultTables;
import steersweep.score.Sensitivity;

/**
 * What the measures see on a run, and what they should not see: t against random directions of
 * uptake, evidence and pull on the same cells, and the run judged by what is not its own. Argument:
 * the run folder.
 */
public final class SensitivityMain {
  private SensitivityMain() {}

  public static void main(String[] args) {
    ResultTables tables = ResultTables.load(new RunFolder(Path.of(args[0])));
    Sensitivity seen = Sensitivity.of(tables);
    System.out.print(seen.markdown());
    System.out.printf(
        "%npull at least twice as clear as uptake at %d of %d sites and settings%n%n",
        seen.clearer(2), seen.rows().size());
    Ghosts ghosts = Ghosts.of(tables);
    System.out.println("| concept | judged by | candidates | confirmed |\n|---|---|--:|--:|");
    for (Ghosts.Case of : ghosts.cases()) {
      System.out.printf(
          "| %s | %s | %d | %d |%n", of.concept(), of.by(), of.candidates(), of.confirmed());
    }
    System.out.printf(
        "%nsomething confirmed in %d of %d ghost cases%n", ghosts.confirmed(), ghosts.tested());
  }
}
