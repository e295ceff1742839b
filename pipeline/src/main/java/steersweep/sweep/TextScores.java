package steersweep.sweep;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.Score;
import steersweep.measure.Measure;
import steersweep.measure.Measures;
import steersweep.plan.Concept;
import steersweep.plan.Contexts;
import steersweep.plan.PromptPair;
import steersweep.result.Repetition;
import steersweep.result.ScoreRow;
import steersweep.result.TargetWords;

/**
 * What the unsteered model thinks of texts: how likely each is after the base prompt alone, and
 * after each prompt of the plan in words. Each different text of a base prompt is read once after
 * each; one that is no fluent text is read after the steering prompts of its own cells only, since
 * what it is evidence of does not matter.
 */
final class TextScores {
  private static final double LEAST_FLUENCY = -1;
  private static final double MOST_DISTINCT_2_LOST = 0.20;

  private final Engine engine;
  private final PromptTokenizer tokenizer;
  private final Contexts contexts;
  private final int batchSize;

  TextScores(Engine engine, PromptTokenizer tokenizer, Contexts contexts, int batchSize) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.contexts = contexts;
    this.batchSize = batchSize;
  }

  /** A text after a base prompt. */
  private record Text(String base, List<Integer> tokens) {}

  /** A text after a prompt in words and the base prompt. */
  private record InContext(Text text, String prompt) {}

  /**
   * A row for each text, in the order given.
   *
   * @param written cells with a text
   */
  List<ScoreRow> rows(String unit, List<Writing.Written> written) {
    Map<Text, Double> alone = alone(written);
    Set<InContext> wanted = new LinkedHashSet<>();
    for (Writing.Written one : written) {
      Text text = text(one);
      String own = one.cell().cell().pair().steeringPrompt();
      if (!own.isEmpty()) {
        wanted.add(new InContext(text, own));
      }
      if (coherent(one, known(alone, text)) && contexts.any()) {
        contexts.all().forEach(prompt -> wanted.add(new InContext(text, prompt)));
      }
    }
    Map<InContext, Double> inContext = inContext(wanted);
    return written.stream().map(one -> row(unit, one, known(alone, text(one)), inContext)).toList();
  }

  private static Text text(Writing.Written one) {
    return new Text(one.cell().cell().pair().basePrompt(), one.row().tokens());
  }

  private static double known(Map<Text, Double> alone, Text text) {
    return Objects.requireNonNull(alone.get(text));
  }

  /**
   * Mean log-probability of each text after its base prompt, nats. What is known of the baseline's
   * text is taken from there, so that cells with that text have a fluency of exactly 0.
   */
  private Map<Text, Double> alone(List<Writing.Written> written) {
    Map<Text, Double> means = new HashMap<>();
    Map<Text, Score.Text> unknown = new LinkedHashMap<>();
    for (Writing.Written one : written) {
      PairContext context = one.cell().context();
      if (one.row().tokens().equals(context.tokens())) {
        means.put(text(one), context.baselineLogprob());
      } else {
        unknown.put(
            text(one), new Score.Text(context.baseline().base().tokens(), one.row().tokens()));
      }
    }
    double[] read = Score.meanLogprobs(engine, List.copyOf(unknown.values()), batchSize);
    int next = 0;
    for (Text text : unknown.keySet()) {
      means.put(text, read[next++]);
    }
    return means;
  }

  /** Log-probability of each whole text, nats. */
  private Map<InContext, Double> inContext(Set<InContext> wanted) {
    Map<String, int[]> prompts = new HashMap<>();
    List<Score.Text> texts = new ArrayList<>();
    for (InContext one : wanted) {
      String joined = Contexts.joined(one.prompt(), one.text().base());
      texts.add(
          new Score.Text(prompts.computeIfAbsent(joined, tokenizer::encode), one.text().tokens()));
    }
    double[] means = Score.meanLogprobs(engine, texts, batchSize);
    Map<InContext, Double> sums = new HashMap<>();
    int next = 0;
    for (InContext one : wanted) {
      sums.put(one, means[next++] * one.text().tokens().size());
    }
    return sums;
  }

  private boolean coherent(Writing.Written one, double logprob) {
    PairContext context = one.cell().context();
    double baseline = Repetition.of(context.tokens(), "").distinct2();
    return logprob - context.baselineLogprob() >= LEAST_FLUENCY
        && Repetition.of(one.row().tokens(), "").distinct2() >= baseline - MOST_DISTINCT_2_LOST;
  }

  private ScoreRow row(
      String unit, Writing.Written one, double logprob, Map<InContext, Double> inContext) {
    PairContext context = one.cell().context();
    PromptPair pair = context.pair();
    Text text = text(one);
    String words = Objects.requireNonNull(one.row().text());
    boolean coherent = coherent(one, logprob);
    Measures measures =
        Repetition.of(text.tokens(), words)
            .measures()
            .with(Measure.LOGPROB, logprob)
            .with(Measure.FLUENCY, logprob - context.baselineLogprob())
            .with(Measure.COHERENT, coherent ? 1 : 0)
            .with(Measure.TARGET_HITS, TargetWords.hits(words, pair.targetWords()));
    if (!pair.steeringPrompt().isEmpty()) {
      double own = prompted(text, pair.steeringPrompt(), inContext) / text.tokens().size();
      measures = measures.with(Measure.UPTAKE, own - logprob);
    }
    if (!coherent || !contexts.any()) {
      return new ScoreRow(one.row().cell().index(), unit, measures);
    }
    List<Double> evidences = new ArrayList<>();
    for (Concept concept : contexts.concepts()) {
      evidences.add(
          mean(text, contexts.plus(pair, concept), inContext)
              - mean(text, contexts.minus(pair, concept), inContext));
    }
    return new ScoreRow(
        one.row().cell().index(),
        unit,
        measures
            .with(Measure.EVIDENCE, evidences.get(contexts.concept(pair)))
            .with(Measure.RECOGNISED, recognised(one, text, inContext)),
        evidences);
  }

  private static double prompted(Text text, String prompt, Map<InContext, Double> inContext) {
    return Objects.requireNonNull(inContext.get(new InContext(text, prompt)));
  }

  private static double mean(Text text, List<String> prompts, Map<InContext, Double> inContext) {
    return prompts.stream()
        .mapToDouble(prompt -> prompted(text, prompt, inContext))
        .average()
        .orElseThrow();
  }

  /**
   * Whether of all classes the text is likeliest after the one that is asked for: each concept's
   * steering prompts are one, and its contrast prompts if it has any. Null where the opposite is
   * asked for and is none.
   */
  private @Nullable Integer recognised(
      Writing.Written one, Text text, Map<InContext, Double> inContext) {
    PromptPair pair = one.cell().cell().pair();
    boolean opposite = one.cell().cell().setting() < 0;
    double asked = Double.NaN;
    double highest = Double.NEGATIVE_INFINITY;
    for (Concept concept : contexts.concepts()) {
      boolean own = concept.name().equals(pair.concept());
      double plus = mean(text, contexts.plus(pair, concept), inContext);
      highest = Math.max(highest, plus);
      asked = own && !opposite ? plus : asked;
      if (contexts.contrasted(concept)) {
        double minus = mean(text, contexts.minus(pair, concept), inContext);
        highest = Math.max(highest, minus);
        asked = own && opposite ? minus : asked;
      }
    }
    return Double.isNaN(asked) ? null : asked == highest ? 1 : 0;
  }
}
