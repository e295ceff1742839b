package steersweep.take;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import steersweep.engine.Activations;
import steersweep.engine.Capture;
import steersweep.engine.Dose;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.SourceActivations;
import steersweep.error.UserError;
import steersweep.model.ModelShape;
import steersweep.plan.ConstantAddition;
import steersweep.plan.DoseUnit;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;
import steersweep.plan.SteeringSource;

/**
 * The steering of a run's cells that differ in the base prompt only, with one factor for all.
 *
 * @param addition what is added, for any base prompt
 * @param leastFactor smallest factor that the run had for one of the base prompts
 * @param mostFactor largest one
 */
public record Taken(ConstantAddition addition, double leastFactor, double mostFactor) {
  /**
   * @param rule one that adds the same everywhere
   * @param dose what {@code setting} is; where it is a damage, the run has its factor
   * @throws UserError when no factor makes the dose
   */
  public static Taken of(
      Engine engine,
      PromptTokenizer tokenizer,
      List<String> basePrompts,
      SteeringSource steering,
      Site site,
      PositionRule rule,
      DoseUnit dose,
      double setting) {
    Activations made = SourceActivations.of(engine, tokenizer, steering);
    DoubleSummaryStatistics factors = new DoubleSummaryStatistics();
    for (double factor : factors(engine, tokenizer, basePrompts, made, site, rule, dose, setting)) {
      factors.accept(factor);
    }
    ModelShape shape = engine.manifest().shape();
    ConstantAddition addition =
        ConstantAddition.of(
            shape,
            site,
            made.constant(rule, site.hookPoint(), site.layer()),
            dose == DoseUnit.RAW ? setting : factors.getAverage());
    return new Taken(addition, factors.getMin(), factors.getMax());
  }

  /** Of each base prompt. */
  private static List<Double> factors(
      Engine engine,
      PromptTokenizer tokenizer,
      List<String> basePrompts,
      Activations made,
      Site site,
      PositionRule rule,
      DoseUnit dose,
      double setting) {
    return switch (dose) {
      case RAW -> List.of(setting);
      case RELATIVE -> {
        List<Double> factors = new ArrayList<>();
        for (String base : basePrompts) {
          Capture.Captured captured = Capture.of(engine, tokenizer.encode(base));
          Dose measured = new Dose(engine.manifest().shape(), captured, made, rule);
          factors.add(measured.scale(site, setting));
        }
        if (factors.stream().anyMatch(factor -> factor.isNaN())) {
          throw new UserError(
              "setting " + setting,
              "no factor makes this dose: what is added, or what it is added to, is 0");
        }
        yield factors;
      }
      case KL -> throw new IllegalArgumentException("the run has solved the factor: it is raw");
    };
  }
}
