package steersweep.cli;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.error.UserError;
import steersweep.model.ModelManifest;
import steersweep.plan.CellGrid;
import steersweep.plan.Concept;
import steersweep.plan.Site;
import steersweep.plan.SteeringSource;
import steersweep.plan.SweepPlan;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.score.Analysis;
import steersweep.score.Point;
import steersweep.score.ResultTables;

/**
 * Which steering of a run is taken: cells that differ in the base prompt only.
 *
 * @param number of the steering prompt among its concept's, from 1
 * @param setting one of the plan's settings
 */
record TakeChoice(Concept concept, int number, SteeringSource steering, Site site, double setting) {
  /** The prompt that rows name the steering by. */
  String prompt() {
    return concept.steeringPrompts().get(number - 1);
  }

  /** As given on the command line; null where the run is to decide. */
  record Given(
      @Nullable String concept,
      @Nullable Integer steeringPrompt,
      @Nullable String site,
      @Nullable Double setting) {}

  /**
   * @throws UserError with everything that the run does not have
   */
  static TakeChoice of(RunFolder run, RunManifest manifest, ModelManifest model, Given given) {
    Faults faults = new Faults();
    SweepPlan plan = manifest.plan();
    if (!plan.positions().constant()) {
      faults.add(
          run.path().toString(),
          "what was added differs from position to position, so that no bias and no vector can"
              + " carry it; got positions: "
              + plan.positions().word()
              + ", expected mean or last");
    }
    Optional<Concept> concept = concept(plan, given.concept(), faults);
    int number = given.steeringPrompt() == null ? 1 : given.steeringPrompt();
    concept.ifPresent(of -> checkNumber(of, number, faults));
    Site site = given.site() == null ? null : SiteWord.read(given.site(), "--site", faults);
    if (site != null) {
      checkSite(site, CellGrid.of(plan, model.shape(), manifest.planFile()), faults);
    }
    checkSetting(plan, given.setting(), faults);
    faults.throwIfAny();
    Concept of = concept.orElseThrow();
    Point point = point(run, manifest, of, site, given.setting());
    return new TakeChoice(of, number, of.steering(number - 1), point.site(), point.setting());
  }

  private static Optional<Concept> concept(SweepPlan plan, @Nullable String name, Faults faults) {
    List<String> names = plan.concepts().stream().map(Concept::name).toList();
    if (name == null && names.size() == 1) {
      return Optional.of(plan.concepts().get(0));
    }
    if (name == null) {
      faults.add("--concept", "missing; expected one of " + String.join(", ", names));
      return Optional.empty();
    }
    Optional<Concept> found =
        plan.concepts().stream().filter(concept -> concept.name().equals(name)).findFirst();
    if (found.isEmpty()) {
      faults.add("--concept", "not in the run; got '" + name + "', " + Suggest.among(name, names));
    }
    return found;
  }

  private static void checkNumber(Concept concept, int number, Faults faults) {
    int prompts = concept.sources();
    if (number < 1 || number > prompts) {
      faults.add(
          "--steering-prompt",
          "not in the run; got " + number + ", expected a number from 1 to " + prompts);
    }
  }

  private static void checkSite(Site site, CellGrid grid, Faults faults) {
    if (!grid.sites().contains(site)) {
      String hookPoint = site.hookPoint().word() + ":";
      List<String> there = grid.sites().stream().map(SiteWord::of).toList();
      List<String> near = there.stream().filter(word -> word.startsWith(hookPoint)).toList();
      List<String> shown = near.isEmpty() ? there : near;
      faults.add(
          "--site",
          "not in the run; got "
              + SiteWord.of(site)
              + ", expected one of "
              + String.join(", ", shown.subList(0, Math.min(shown.size(), 40)))
              + (shown.size() > 40 ? ", and " + (shown.size() - 40) + " more" : ""));
    }
  }

  private static void checkSetting(SweepPlan plan, @Nullable Double setting, Faults faults) {
    if (setting != null && !plan.settings().contains(setting)) {
      faults.add("--setting", "not in the run; got " + setting + ", expected " + settings(plan));
    }
  }

  private static String settings(SweepPlan plan) {
    return "one of "
        + plan.settings().stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  /** What is not given is what the run recommends for the concept. */
  private static Point point(
      RunFolder run,
      RunManifest manifest,
      Concept concept,
      @Nullable Site site,
      @Nullable Double setting) {
    List<Double> settings = manifest.plan().settings();
    if (site != null && (setting != null || settings.size() == 1)) {
      return new Point(site, setting == null ? settings.get(0) : setting);
    }
    if (site != null) {
      throw new UserError("--setting", "missing; expected " + settings(manifest.plan()));
    }
    Point best =
        Analysis.of(ResultTables.load(run), manifest.layers())
            .recommended(concept.name())
            .orElseThrow(
                () ->
                    new UserError(
                        run.path().toString(),
                        "no site is confirmed; expected --site and --setting to say what to take"));
    return setting == null ? best : new Point(best.site(), setting);
  }
}
