/**
 * From scores to something to read. {@link steersweep.report.Reports} writes the files; {@link
 * steersweep.report.Report} is everything they are written from; {@link
 * steersweep.report.ReportPage} and {@link steersweep.report.SummaryPage} put it into HTML and
 * Markdown. Drawings are {@link steersweep.report.Figure}s, server-written SVG with their numbers
 * beside them. Every text that comes from a model, a plan or a file goes through {@link
 * steersweep.report.Html} or {@link steersweep.report.Markdown}, which escape it; the fixed parts
 * of the page are resources.
 */
package steersweep.report;
