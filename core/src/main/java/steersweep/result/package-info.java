/**
 * A run on disk. {@link steersweep.result.RunFolder} knows the layout, {@link
 * steersweep.result.RunManifest} what was run, {@link steersweep.result.CompletionRow} and {@link
 * steersweep.result.ScoreRow} are the rows of its Parquet files, which {@link
 * steersweep.result.ParquetFiles} reads and writes. Pipeline writes, analysis reads.
 */
package steersweep.result;
