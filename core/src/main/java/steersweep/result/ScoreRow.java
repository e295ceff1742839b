package steersweep.result;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * One row of {@code scores/}: what the unsteered model and plain counting say about one completion.
 * Failed cells have no row; of skipped ones only what needs no text is there.
 *
 * @param cell key of the completion
 * @param unit the unit that scored it
 * @param logprob mean over the generated tokens of log p(token | base prompt and tokens before),
 *     unsteered model, nats
 * @param logprobGivenSteering the same with the steering prompt put before the base prompt
 * @param uptake {@code logprobGivenSteering - logprob}: how much more the text looks like one that
 *     followed the steering prompt
 * @param fluency {@code logprob} minus the baseline text's: 0 as fluent as the baseline, negative
 *     less so
 * @param klLast KL(base || steered) of the next-token distribution at the last prompt token, nats
 * @param klContinuation its mean along the baseline's continuation: at each of its tokens, both
 *     models having read the same; like {@code klLast} null where the prompt itself was changed
 * @param repetition distinct n-grams and compressibility of the text
 * @param targetHits how often the concept's target words stand in the text; null if it has none
 * @param uptakeReference mean over the tokens of the reference continuation (what the model writes
 *     with the steering prompt before the base prompt) of log p(steered) - log p(unsteered), both
 *     after the base prompt alone, nats
 * @param logOdds mean log p of the concept's target continuations minus that of its contrast
 *     continuations, minus the same for the baseline, nats; null if the concept names none
 * @param difference share of the pieces of text that this and the baseline's text do not share,
 *     0..1, see {@link TextPieces}; of published results only, null in a sweep
 */
public record ScoreRow(
    long cell,
    String unit,
    @Nullable Double logprob,
    @Nullable Double logprobGivenSteering,
    @Nullable Double uptake,
    @Nullable Double fluency,
    @Nullable Double klLast,
    @Nullable Double klContinuation,
    @Nullable Repetition repetition,
    @Nullable Integer targetHits,
    @Nullable Double uptakeReference,
    @Nullable Double logOdds,
    @Nullable Double difference) {
  public static final Schema SCHEMA =
      Columns.table("score")
          .int64("cell")
          .string("unit")
          .optionalFloat64("logprob")
          .optionalFloat64("logprob_given_steering")
          .optionalFloat64("uptake")
          .optionalFloat64("fluency")
          .optionalFloat64("kl_last")
          .optionalFloat64("kl_continuation")
          .optionalFloat64("distinct_1")
          .optionalFloat64("distinct_2")
          .optionalFloat64("distinct_3")
          .optionalFloat64("zlib_ratio")
          .optionalInt32("target_hits")
          .optionalFloat64("uptake_reference")
          .optionalFloat64("log_odds")
          .optionalFloat64("difference")
          .schema();

  /** A sweep's. */
  public ScoreRow(
      long cell,
      String unit,
      @Nullable Double logprob,
      @Nullable Double logprobGivenSteering,
      @Nullable Double uptake,
      @Nullable Double fluency,
      @Nullable Double klLast,
      @Nullable Double klContinuation,
      @Nullable Repetition repetition,
      @Nullable Integer targetHits,
      @Nullable Double uptakeReference,
      @Nullable Double logOdds) {
    this(
        cell,
        unit,
        logprob,
        logprobGivenSteering,
        uptake,
        fluency,
        klLast,
        klContinuation,
        repetition,
        targetHits,
        uptakeReference,
        logOdds,
        null);
  }

  /** What can be said of a text without a model. */
  public static ScoreRow withoutModel(
      long cell,
      String unit,
      Repetition repetition,
      @Nullable Integer targetHits,
      double difference) {
    return new ScoreRow(
        cell,
        unit,
        null,
        null,
        null,
        null,
        null,
        null,
        repetition,
        targetHits,
        null,
        null,
        difference);
  }

  public GenericRecord toRecord() {
    GenericRecord row = new GenericData.Record(SCHEMA);
    row.put("cell", cell);
    row.put("unit", unit);
    row.put("logprob", logprob);
    row.put("logprob_given_steering", logprobGivenSteering);
    row.put("uptake", uptake);
    row.put("fluency", fluency);
    row.put("kl_last", klLast);
    row.put("kl_continuation", klContinuation);
    if (repetition != null) {
      row.put("distinct_1", repetition.distinct1());
      row.put("distinct_2", repetition.distinct2());
      row.put("distinct_3", repetition.distinct3());
      row.put("zlib_ratio", repetition.zlibRatio());
    }
    row.put("target_hits", targetHits);
    row.put("uptake_reference", uptakeReference);
    row.put("log_odds", logOdds);
    row.put("difference", difference);
    return row;
  }
}
