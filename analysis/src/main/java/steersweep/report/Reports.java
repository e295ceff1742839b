package steersweep.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import steersweep.result.LogitLens;
import steersweep.result.ParquetFiles;
import steersweep.result.RunFolder;
import steersweep.table.CellTable;
import steersweep.table.SiteTable;

/**
 * Last step of the flow: reads a run's results and writes {@code report.html}, {@code summary.md},
 * {@code figures/*.svg} and tables beside them. May be called at any time during a run.
 */
public final class Reports {
  private static final String SVG = ".svg";

  private final RunFolder run;

  /** Null of published results, which are not judged. */
  private final @Nullable Report report;

  private Reports(RunFolder run, @Nullable Report report) {
    this.run = run;
    this.report = report;
  }

  /** Judges a run's results; nothing is written yet. */
  public static Reports of(RunFolder run) {
    boolean published = run.manifest().published() != null;
    return new Reports(run, published ? null : Report.of(run));
  }

  /** {@link #of} and {@link #write()} in one. */
  public static Verdict write(RunFolder run) {
    return of(run).write();
  }

  /** Keys of the cells that the page shows texts of: what a {@link LogitLens} should be of. */
  public List<Long> examples() {
    return report == null ? List.of() : report.cells();
  }

  /**
   * Every file appears whole or not at all; the same results give the same bytes.
   *
   * @throws UncheckedIOException naming the file that could not be read or written
   */
  public Verdict write() {
    CellTable.write(run, run.cellsFile());
    if (report == null) {
      return write(run, PublishedPage.of(run));
    }
    SiteTable sites = SiteTable.of(report.analysis());
    sites.write(run.sitesFile());
    write(run.sitesCsv(), sites.csv());
    return write(report.withLens(run));
  }

  private Verdict write(Report whole) {
    VerdictText text = VerdictText.of(whole);
    ReportFigures figures = ReportFigures.of(whole);
    writeFigures(run.figures(), figures.all());
    write(run.summaryFile(), SummaryPage.markdown(whole, text));
    write(run.reportFile(), ReportPage.html(whole, text, figures));
    return new Verdict(
        text.lines(),
        IntStream.range(0, text.concepts().size())
            .mapToObj(
                i -> Verdict.Of.of(whole.analysis().concepts().get(i), text.concepts().get(i)))
            .toList(),
        whole.tables().progress(),
        whole.next());
  }

  private static Verdict write(RunFolder run, PublishedPage page) {
    List<Figure> figures = page.figures();
    writeFigures(run.figures(), figures);
    write(run.summaryFile(), page.markdown());
    write(run.reportFile(), page.html(figures));
    return page.verdict();
  }

  private static void writeFigures(Path folder, List<Figure> figures) {
    Set<String> current = new HashSet<>();
    try {
      Files.createDirectories(folder);
      for (Figure figure : figures) {
        current.add(figure.id() + SVG);
        write(folder.resolve(figure.id() + SVG), figure.svgFile());
      }
      try (Stream<Path> files = Files.list(folder)) {
        // An earlier report of the unfinished run may have had others.
        for (Path file : files.toList()) {
          String name = file.getFileName().toString();
          if (name.endsWith(SVG) && !current.contains(name)) {
            Files.delete(file);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static void write(Path file, String text) {
    Path temporary =
        file.resolveSibling(
            "."
                + file.getFileName()
                + "."
                + ProcessHandle.current().pid()
                + ParquetFiles.TEMPORARY_SUFFIX);
    try {
      Files.writeString(temporary, text);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }
}
