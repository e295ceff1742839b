package steersweep.plan;

import java.util.ArrayList;
import java.util.List;
import steersweep.model.HookPoint;

/**
 * A sweep as the user wrote it, checked, and independent of any model. {@link CellGrid} is the plan
 * met with a model's sizes.
 *
 * @param name short name, used in the run folder's name
 * @param concepts what to steer towards, and the prompts
 * @param hookPoints hook points in the order of the plan
 * @param layers layers to steer
 * @param heads heads to steer, where the hook point has heads
 * @param settings how strongly, in the unit that {@code dose} says, with a sign; never 0: the
 *     unsteered baseline is always part of a sweep
 * @param positions position rule
 * @param newTokens tokens to generate for each cell
 * @param stopAtEos whether a text ends at the model's end-of-text token
 * @param dose what the settings are
 * @param controls what is run beside the steered cells
 * @param texts which cells get a text
 */
public record SweepPlan(
    String name,
    List<Concept> concepts,
    List<HookPoint> hookPoints,
    LayerChoice layers,
    HeadChoice heads,
    List<Double> settings,
    PositionRule positions,
    int newTokens,
    boolean stopAtEos,
    DoseUnit dose,
    Controls controls,
    TextChoice texts) {
  public SweepPlan {
    concepts = List.copyOf(concepts);
    hookPoints = List.copyOf(hookPoints);
    settings = List.copyOf(settings);
  }

  /** Without controls, settings being factors, every cell with a text. */
  public SweepPlan(
      String name,
      List<Concept> concepts,
      List<HookPoint> hookPoints,
      LayerChoice layers,
      HeadChoice heads,
      List<Double> settings,
      PositionRule positions,
      int newTokens,
      boolean stopAtEos) {
    this(
        name,
        concepts,
        hookPoints,
        layers,
        heads,
        settings,
        positions,
        newTokens,
        stopAtEos,
        DoseUnit.RAW,
        Controls.NONE,
        TextChoice.of(ChoiceRule.ALL));
  }

  /**
   * @param all every layer of the model
   * @param listed layers by number, ascending and without doubles; empty if {@code all}
   */
  public record LayerChoice(boolean all, List<Integer> listed) {
    public LayerChoice {
      listed = List.copyOf(listed);
    }
  }

  /**
   * @param together a cell that steers all heads at once
   * @param each a cell for each head alone
   * @param listed heads by number, a cell each, ascending and without doubles; empty if {@code
   *     each}
   */
  public record HeadChoice(boolean together, boolean each, List<Integer> listed) {
    public HeadChoice {
      listed = List.copyOf(listed);
    }
  }

  /** Every base prompt with every steering prompt of its concept, in the plan's order. */
  public List<PromptPair> promptPairs() {
    List<PromptPair> pairs = new ArrayList<>();
    for (int i = 0; i < concepts.size(); i++) {
      Concept concept = concepts.get(i);
      for (String base : concept.basePrompts()) {
        for (int j = 0; j < concept.sources(); j++) {
          pairs.add(
              new PromptPair(
                  pairs.size(),
                  concept.name(),
                  base,
                  concept.steeringPrompt(j),
                  concept.targetWords(),
                  concept.contrast(j),
                  controls.unrelated() ? unrelated(i, j) : null,
                  concept.targetContinuations(),
                  concept.contrastContinuations(),
                  concept.source()));
        }
      }
    }
    return pairs;
  }

  /** What the next concept steers with; the first one comes after the last. */
  private SteeringSource unrelated(int concept, int steering) {
    Concept next = concepts.get((concept + 1) % concepts.size());
    return next.steering(steering % next.sources());
  }
}
