package steersweep.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import steersweep.result.Factors;
import steersweep.result.LogitLens;
import steersweep.result.PairSite;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.score.Analysis;
import steersweep.score.NextStep;
import steersweep.score.PairFindings;
import steersweep.score.ResultTables;
import steersweep.score.Rules;

/**
 * Everything the report is written from.
 *
 * @param path of the run folder, from the folder that it is in
 * @param lens null where it was not read
 * @param factors those that were solved for; none where settings are no damages
 * @param next which settings to try next, a sentence or two each
 */
record Report(
    String runName,
    String path,
    RunManifest manifest,
    ResultTables tables,
    Analysis analysis,
    List<PairFindings> pairs,
    List<TextExample> examples,
    @Nullable LogitLens lens,
    Factors factors,
    List<String> next) {
  static Report of(RunFolder run) {
    ResultTables tables = ResultTables.load(run);
    RunManifest manifest = run.manifest();
    Analysis analysis = Analysis.of(tables, manifest.layers());
    List<TextExample> examples = TextExamples.pick(tables, analysis);
    return new Report(
        name(run.path()),
        path(run.path()),
        manifest,
        tables,
        analysis,
        pairs(run, analysis),
        examples,
        null,
        Factors.of(run),
        NextStep.of(run, manifest.plan()));
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

  /** Cells that the page shows texts of. */
  List<Long> cells() {
    return examples.stream().map(TextExample::cell).toList();
  }

  /** With what the logit lens said of these cells, if the run has it. */
  Report withLens(RunFolder run) {
    LogitLens lens = LogitLens.of(run, cells());
    return new Report(
        runName, path, manifest, tables, analysis, pairs, examples, lens, factors, next);
  }

  /** Damage that the plan allows a site, nats per token. */
  double budget() {
    return analysis.budget();
  }

  /** The thresholds of {@link Rules} as the texts on how to read a report name them. */
  Map<String, String> thresholds() {
    return Map.of(
        "negligible",
        Numbers.percent(Rules.NEGLIGIBLE_SHARE),
        "budget",
        Numbers.fixed(budget(), 1),
        "least_coherent",
        Numbers.percent(Rules.LEAST_COHERENT),
        "least_prompts",
        String.valueOf(Rules.LEAST_PROMPTS),
        "most_false",
        Numbers.percent(Rules.MOST_FALSE),
        "chance",
        Numbers.percent(analysis.chance()));
  }

  /** The folder's own name, also when it is reached through {@code runs/latest}. */
  static String name(Path folder) {
    Path name = real(folder).getFileName();
    return name == null ? folder.toString() : name.toString();
  }

  private static String path(Path folder) {
    Path real = real(folder);
    int names = real.getNameCount();
    return names < 2 ? real.toString() : real.subpath(names - 2, names).toString();
  }

  private static Path real(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      return folder.toAbsolutePath().normalize();
    }
  }
}
