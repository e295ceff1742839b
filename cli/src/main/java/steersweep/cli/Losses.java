package steersweep.cli;

import java.io.PrintWriter;
import steersweep.plan.Concept;
import steersweep.plan.Contexts;
import steersweep.plan.SweepPlan;

/** What a plan cannot have, said before it is run. */
final class Losses {
  private Losses() {}

  /** One line where a plan has nothing to compare its concept with. */
  static void print(SweepPlan plan, PrintWriter out) {
    if (plan.concepts().stream().anyMatch(Concept::wordless)) {
      out.printf(
          "without   pull, alignment, evidence, recognised and uptake: no steering_prompts say what the"
              + " vector is for; judged by target_continuations alone (log_odds)%n");
    } else if (!new Contexts(plan.concepts()).any()) {
      out.printf(
          "without   pull, alignment, evidence and recognised: one concept and no contrast_prompts"
              + " leave nothing to compare with%n");
    }
  }
}
