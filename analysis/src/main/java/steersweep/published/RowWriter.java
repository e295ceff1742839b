package steersweep.published;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.plan.Cell;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.CompletionRow;
import steersweep.result.ParquetFiles;
import steersweep.result.Placement;
import steersweep.result.Repetition;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.result.ScoreRow;
import steersweep.result.TargetWords;
import steersweep.result.TextPieces;

/** Second pass over a published file: scores texts and writes them, a unit at a time. */
final class RowWriter {
  private static final double NOT_KNOWN = Double.NaN;

  private final RunFolder folder;
  private final RunManifest manifest;
  private final Summary summary;
  private final PromptPair pair;
  private final List<String> baselinePieces;
  private final List<GenericRecord> completions = new ArrayList<>();
  private final List<GenericRecord> scores = new ArrayList<>();
  private long cells;

  /** Starts with the row of the baseline. */
  RowWriter(RunFolder folder, RunManifest manifest, Summary summary) {
    this.folder = folder;
    this.manifest = manifest;
    this.summary = summary;
    pair = manifest.plan().promptPairs().get(0);
    baselinePieces = TextPieces.of(summary.baselineText());
    add(null, 0, summary.baselineText());
  }

  void add(PublishedRow row) {
    if (row.scale() != 0) {
      add(row.site(), row.scale(), summary.continuation(row));
    }
  }

  private void add(@Nullable Site site, double scale, String text) {
    Cell cell = new Cell(cells, pair, site, scale, manifest.plan().positions());
    String unit = unitOf(cells).id();
    Placement at =
        site == null
            ? Placement.nowhere(cell, unit)
            : new Placement(cell, unit, scale, NOT_KNOWN, NOT_KNOWN);
    boolean same = text.equals(summary.baselineText());
    completions.add(
        new CompletionRow(at, List.of(), text, false, same, CompletionRow.OK, null).toRecord());
    List<String> pieces = TextPieces.of(text);
    scores.add(
        new ScoreRow(
                cells,
                unit,
                Repetition.of(pieces, text)
                    .measures()
                    .with(Measure.TARGET_HITS, TargetWords.hits(text, pair.targetWords()))
                    .with(Measure.DIFFERENCE, TextPieces.difference(pieces, baselinePieces)))
            .toRecord());
    cells++;
    if (completions.size() == manifest.unitCells()) {
      writeUnit();
    }
  }

  private Unit unitOf(long cell) {
    int most = manifest.unitCells();
    int index = (int) (cell / most);
    return new Unit(Stage.WRITE, index, (long) index * most, (index + 1L) * most);
  }

  /** Writes the rows that are not written yet. */
  void finish() {
    if (!completions.isEmpty()) {
      writeUnit();
    }
  }

  private void writeUnit() {
    Unit unit = unitOf(cells - 1);
    Map<String, String> footer =
        Map.of(
            "steersweep.key", manifest.key(),
            "steersweep.unit", unit.id(),
            "steersweep.created", manifest.created());
    ParquetFiles.write(folder.scoresFile(unit), ScoreRow.SCHEMA, scores, footer);
    ParquetFiles.write(folder.completionsFile(unit), CompletionRow.SCHEMA, completions, footer);
    completions.clear();
    scores.clear();
  }
}
