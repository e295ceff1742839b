/**
 * Results that others published, made into a run folder: {@link steersweep.published.PublishedCsv}
 * reads and checks the file, {@link steersweep.published.CsvImport} scores what can be scored
 * without a model and writes the Parquet files that the report is drawn from.
 */
package steersweep.published;
