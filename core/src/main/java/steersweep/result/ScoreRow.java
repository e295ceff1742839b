package steersweep.result;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * One row of {@code scores/}: what the unsteered model and plain counting say about one completion.
 * Failed cells have no row.
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
 *     models having read the same
 * @param repetition distinct n-grams and compressibility of the text
 * @param targetHits how often the concept's target words stand in the text; null if it has none
 */
public record ScoreRow(
    long cell,
    String unit,
    double logprob,
    double logprobGivenSteering,
    double uptake,
    double fluency,
    double klLast,
    double klContinuation,
    Repetition repetition,
    @Nullable Integer targetHits) {
  public static final Schema SCHEMA =
      Columns.table("score")
          .int64("cell")
          .string("unit")
          .float64("logprob")
          .float64("logprob_given_steering")
          .float64("uptake")
          .float64("fluency")
          .float64("kl_last")
          .float64("kl_continuation")
          .float64("distinct_1")
          .float64("distinct_2")
          .float64("distinct_3")
          .float64("zlib_ratio")
          .optionalInt32("target_hits")
          .schema();

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
    row.put("distinct_1", repetition.distinct1());
    row.put("distinct_2", repetition.distinct2());
    row.put("distinct_3", repetition.distinct3());
    row.put("zlib_ratio", repetition.zlibRatio());
    row.put("target_hits", targetHits);
    return row;
  }
}
