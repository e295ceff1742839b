package steersweep.result;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;

/** The factors of a run whose settings are damages. */
public final class Factors {
  public static final Factors NONE = new Factors();

  private final Map<FactorRow.Key, FactorRow> rows = new HashMap<>();

  /** What stands in a run folder; none before they are solved. */
  public static Factors of(RunFolder run) {
    Factors factors = new Factors();
    if (Files.exists(run.factorsFile())) {
      ParquetFiles.read(
          run.factorsFile(),
          record -> {
            FactorRow row = FactorRow.of(record);
            factors.rows.put(row.of(), row);
          });
    }
    return factors;
  }

  /** Puts the files of all units together, once. */
  public static void join(RunFolder run, Map<String, String> footer) {
    if (whole(run.factorsFile())) {
      return;
    }
    List<GenericRecord> rows = new ArrayList<>();
    run.readFactors(row -> rows.add(FactorRow.of(row).toRecord()));
    ParquetFiles.write(run.factorsFile(), FactorRow.SCHEMA, rows, footer);
  }

  private static boolean whole(Path file) {
    try {
      return Files.exists(file) && ParquetFiles.verify(file).rows() > 0;
    } catch (UncheckedIOException damaged) {
      return false;
    }
  }

  public Optional<FactorRow> find(FactorRow.Key key) {
    return Optional.ofNullable(rows.get(key));
  }

  /** In no order. */
  public Collection<FactorRow> all() {
    return rows.values();
  }

  public long solved() {
    return rows.values().stream().filter(FactorRow::ok).count();
  }

  public long outOfReach() {
    return rows.values().stream()
        .filter(row -> row.status().equals(FactorRow.OUT_OF_REACH))
        .count();
  }

  /** Passes of the model along every base prompt, for each factor that was found. */
  public double passes() {
    return rows.values().stream().mapToDouble(FactorRow::passes).sum() / Math.max(1, solved());
  }
}
