package steersweep.result;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;
import steersweep.plan.Site;

/**
 * One row of {@code pairs.parquet}: what a concept's pairs of texts are to the model at a site,
 * before anything is steered. Every pair is judged by the others alone.
 *
 * @param pairs how many there are
 * @param agreement mean cosine of a pair's difference with the mean difference of the others; null
 *     with a single pair
 * @param separation d': how far apart the two sides are along the mean difference of the other
 *     pairs, in standard deviations; null where there is no spread
 */
public record PairSite(
    String concept, Site site, int pairs, @Nullable Double agreement, @Nullable Double separation) {
  public static final Schema SCHEMA =
      Columns.table("pairs")
          .string("concept", "whose pairs they are")
          .string("hook_point", "where in a block they were read")
          .int32("layer", "blocks, from 0", "in which block")
          .optionalInt32("head", "heads, from 0", "of which head; null for all together")
          .int32("pairs", "pairs", "how many there are")
          .optionalFloat64(
              "agreement",
              "cosine",
              "mean of each pair's difference with the mean difference of the others; null with one"
                  + " pair")
          .optionalFloat64(
              "separation",
              "standard deviations",
              "d' of the two sides along the mean difference of the other pairs; null without spread")
          .schema();

  /** A row of a file. */
  public static PairSite of(GenericRecord row) {
    Integer head = (Integer) row.get("head");
    return new PairSite(
        String.valueOf(row.get("concept")),
        new Site(
            HookPoint.of(String.valueOf(row.get("hook_point"))).orElseThrow(),
            (Integer) row.get("layer"),
            head == null ? Site.ALL_HEADS : head),
        (Integer) row.get("pairs"),
        (Double) row.get("agreement"),
        (Double) row.get("separation"));
  }

  public GenericRecord toRecord() {
    GenericRecord row = new GenericData.Record(SCHEMA);
    row.put("concept", concept);
    row.put("hook_point", site.hookPoint().word());
    row.put("layer", site.layer());
    row.put("head", site.allHeads() ? null : site.head());
    row.put("pairs", pairs);
    row.put("agreement", agreement);
    row.put("separation", separation);
    return row;
  }

  /** Writes a file, whole or not at all. */
  public static void write(Path file, List<PairSite> rows, Map<String, String> footer) {
    ParquetFiles.write(file, SCHEMA, rows.stream().map(PairSite::toRecord).toList(), footer);
  }

  /** Rows of a file; none where it is missing or damaged: it can be made again. */
  public static List<PairSite> read(Path file) {
    List<PairSite> rows = new ArrayList<>();
    if (Files.exists(file)) {
      try {
        ParquetFiles.read(file, row -> rows.add(of(row)));
      } catch (UncheckedIOException damaged) {
        return List.of();
      }
    }
    return List.copyOf(rows);
  }
}
