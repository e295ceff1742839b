package steersweep.measure;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Every number that is measured of a cell, declared once. What stands behind them is in
 * docs/statistics.md.
 */
public enum Measure {
  DAMAGE(
      Needs.READING,
      Kind.NUMBER,
      Sign.UNSIGNED,
      "damage",
      "nats per token",
      "how far steering moves the model from itself: KL(unsteered || steered), mean along the"
          + " baseline's text"),
  DAMAGE_LAST(
      Needs.READING,
      Kind.NUMBER,
      Sign.UNSIGNED,
      "damage after the prompt",
      "nats",
      "KL(unsteered || steered) of the next-token distribution at the prompt's last token"),
  PULL(
      Needs.READING,
      Kind.NUMBER,
      Sign.SIGNED,
      "pull",
      "nats per token",
      "how far steering moves the model from what it says after the contrast prompts to what it"
          + " says after the concept's other steering prompts, mean along the baseline's text"),
  ALIGNMENT(
      Needs.READING,
      Kind.NUMBER,
      Sign.SIGNED,
      "alignment",
      "-1 to 1",
      "which share of all that steering does is in the wanted direction: the correlation, under the"
          + " unsteered model, of what it does with what the prompts do"),
  PULL_PROMPTING(
      Needs.READING,
      Kind.NUMBER,
      Sign.UNSIGNED,
      "pull of prompting",
      "nats per token",
      "the pull of saying the steering prompts in words, for comparison"),
  PULL_OTHERS(
      Needs.READING,
      Kind.NUMBER,
      Sign.SIGNED,
      "pull towards other concepts",
      "nats per token",
      "mean pull along the axes of the plan's other concepts; empty where there is one concept"),
  LOG_ODDS(
      Needs.READING,
      Kind.NUMBER,
      Sign.SIGNED,
      "log-odds",
      "nats",
      "by how much the concept's target continuations became likelier, minus the same of its"
          + " contrast continuations; empty if it names none"),
  LOGPROB(
      Needs.TEXT,
      Kind.NUMBER,
      Sign.UNSIGNED,
      "log-probability",
      "nats per token",
      "mean log p(token | base prompt and tokens before) of the text under the unsteered model"),
  UPTAKE(
      Needs.TEXT,
      Kind.NUMBER,
      Sign.SIGNED,
      "uptake",
      "nats per token",
      "by how much likelier the unsteered model finds the text when the steering prompt stands"
          + " before the base prompt; nothing is judged by it"),
  FLUENCY(
      Needs.TEXT,
      Kind.NUMBER,
      Sign.UNSIGNED,
      "fluency",
      "nats per token",
      "mean log-probability of the text under the unsteered model minus the baseline text's"),
  EVIDENCE(
      Needs.TEXT,
      Kind.NUMBER,
      Sign.SIGNED,
      "evidence",
      "nats",
      "how much likelier the whole text is, for the unsteered model, after the concept's other"
          + " steering prompts than after its contrast prompts"),
  RECOGNISED(
      Needs.TEXT,
      Kind.FLAG,
      Sign.UNSIGNED,
      "recognised",
      "0 or 1",
      "whether, of all kinds of prompts in the plan, the text is likeliest after those it was"
          + " steered towards (at a negative setting: away from)"),
  COHERENT(
      Needs.TEXT,
      Kind.FLAG,
      Sign.UNSIGNED,
      "coherent",
      "0 or 1",
      "whether fluency is at least -1 and distinct-2 at most 0.20 below the baseline's"),
  DISTINCT_1(
      Needs.TEXT,
      Kind.NUMBER,
      Sign.UNSIGNED,
      "distinct-1",
      "0 to 1",
      "different tokens / tokens of the text"),
  DISTINCT_2(
      Needs.TEXT,
      Kind.NUMBER,
      Sign.UNSIGNED,
      "distinct-2",
      "0 to 1",
      "different pairs of neighbouring tokens / such pairs"),
  DISTINCT_3(
      Needs.TEXT,
      Kind.NUMBER,
      Sign.UNSIGNED,
      "distinct-3",
      "0 to 1",
      "different triples of neighbouring tokens / such triples"),
  ZLIB_RATIO(
      Needs.TEXT,
      Kind.NUMBER,
      Sign.UNSIGNED,
      "zlib ratio",
      "ratio",
      "compressed size / size of the text"),
  TARGET_HITS(
      Needs.TEXT,
      Kind.COUNT,
      Sign.UNSIGNED,
      "target words",
      "count",
      "how often the concept's target words stand in the text; empty if it names none"),
  DIFFERENCE(
      Needs.TEXT,
      Kind.NUMBER,
      Sign.UNSIGNED,
      "difference",
      "0 to 1",
      "share of the pieces of text that this and the baseline's text do not share; of published"
          + " results only");

  /** What has to be there before it can be measured. */
  public enum Needs {
    /** The cell reads the baseline's text: a column of {@code readings/}. */
    READING,
    /** A text of the cell's own: a column of {@code scores/}. */
    TEXT
  }

  /** What its values are. */
  public enum Kind {
    NUMBER,
    /** A whole number. */
    COUNT,
    /** 0 or 1; a mean is a share. */
    FLAG
  }

  /** Whether a negative setting asks for negative values. */
  public enum Sign {
    SIGNED,
    UNSIGNED
  }

  private final Needs needs;
  private final Kind kind;
  private final Sign sign;
  private final String label;
  private final String unit;
  private final String meaning;

  Measure(Needs needs, Kind kind, Sign sign, String label, String unit, String meaning) {
    this.needs = needs;
    this.kind = kind;
    this.sign = sign;
    this.label = label;
    this.unit = unit;
    this.meaning = meaning;
  }

  /** The column of result files, and the word used in plans. */
  public String column() {
    return name().toLowerCase(Locale.ROOT);
  }

  public Needs needs() {
    return needs;
  }

  public Kind kind() {
    return kind;
  }

  public boolean signed() {
    return sign == Sign.SIGNED;
  }

  /** The words for people. */
  public String label() {
    return label;
  }

  public String unit() {
    return unit;
  }

  /** One sentence, for tables of columns. */
  public String meaning() {
    return meaning;
  }

  public static List<Measure> that(Needs needs) {
    return Arrays.stream(values()).filter(measure -> measure.needs == needs).toList();
  }

  public static Optional<Measure> of(String column) {
    return Arrays.stream(values()).filter(measure -> measure.column().equals(column)).findFirst();
  }
}
