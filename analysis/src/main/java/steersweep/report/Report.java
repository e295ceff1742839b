package steersweep.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import steersweep.error.UserError;
import steersweep.result.Json;
import steersweep.result.LogitLens;
import steersweep.result.PairSite;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.score.Analysis;
import steersweep.score.PairFindings;
import steersweep.score.ResultTables;

/** Everything the report is written from. */
record Report(
    String runName,
    RunManifest manifest,
    ResultTables tables,
    Analysis analysis,
    List<PairFindings> pairs,
    List<TextExample> examples,
    @Nullable LogitLens lens) {
  static Report of(RunFolder run, Function<List<Long>, @Nullable LogitLens> lens) {
    ResultTables tables = ResultTables.load(run);
    RunManifest manifest = run.manifest();
    Analysis analysis = Analysis.of(tables, manifest.layers());
    List<TextExample> examples = TextExamples.pick(tables, analysis);
    return new Report(
        name(run.path()),
        manifest,
        tables,
        analysis,
        pairs(run, analysis),
        examples,
        lens(run, examples, lens));
  }

  /** Of each concept that is steered with pairs of texts. */
  private static List<PairFindings> pairs(RunFolder run, Analysis analysis) {
    Map<String, List<PairSite>> byConcept =
        PairSite.read(run.pairsFile()).stream().collect(Collectors.groupingBy(PairSite::concept));
    return analysis.concepts().stream()
        .filter(of -> byConcept.containsKey(of.concept()))
        .map(
            of ->
                PairFindings.of(
                    of.concept(),
                    byConcept.getOrDefault(of.concept(), List.of()),
                    of.equalDamage()))
        .toList();
  }

  /** Null where a concept is not steered with pairs. */
  @Nullable PairFindings pairs(String concept) {
    return pairs.stream().filter(of -> of.concept().equals(concept)).findFirst().orElse(null);
  }

  /** Of the examples' cells: as read before, or read now. */
  private static @Nullable LogitLens lens(
      RunFolder run, List<TextExample> examples, Function<List<Long>, @Nullable LogitLens> reader) {
    List<Long> cells = examples.stream().map(TextExample::cell).toList();
    if (cells.isEmpty()) {
      return null;
    }
    LogitLens known = known(run);
    if (known != null
        && known.cells().stream().map(LogitLens.OfCell::cell).toList().equals(cells)) {
      return known;
    }
    LogitLens read = reader.apply(cells);
    if (read != null) {
      try {
        Json.write(run.lensFile(), read);
      } catch (IOException e) {
        throw new UncheckedIOException(run.lensFile() + ": cannot be written: " + e, e);
      }
    }
    return read;
  }

  /** Null where there is none, or a damaged one: it can be read again. */
  private static @Nullable LogitLens known(RunFolder run) {
    try {
      return Files.exists(run.lensFile()) ? Json.read(run.lensFile(), LogitLens.class) : null;
    } catch (UserError damaged) {
      return null;
    }
  }

  /** Damage that the plan allows a site, nats per token. */
  double budget() {
    return analysis.budget();
  }

  /** The folder's own name, also when it is reached through {@code runs/latest}. */
  static String name(Path folder) {
    Path real;
    try {
      real = folder.toRealPath();
    } catch (IOException e) {
      real = folder.toAbsolutePath().normalize();
    }
    Path name = real.getFileName();
    return name == null ? real.toString() : name.toString();
  }
}
