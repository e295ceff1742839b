package steersweep.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.score.Analysis;
import steersweep.score.EqualDose;
import steersweep.score.Findings;
import steersweep.score.ResultTables;
import steersweep.score.SiteScore;

/** Everything the report is written from. */
record Report(
    String runName,
    RunManifest manifest,
    ResultTables tables,
    Analysis analysis,
    List<TextExample> examples) {
  static Report of(RunFolder run) {
    ResultTables tables = ResultTables.load(run);
    RunManifest manifest = run.manifest();
    Analysis analysis = Analysis.of(tables, manifest.layers());
    return new Report(
        name(run.path()),
        manifest,
        tables,
        analysis,
        TextExamples.pick(tables, analysis.scores(), analysis.findings()));
  }

  List<SiteScore> scores() {
    return analysis.scores();
  }

  Findings findings() {
    return analysis.findings();
  }

  EqualDose equalDose() {
    return analysis.equalDose();
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
