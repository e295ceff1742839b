/**
 * From result rows to scores of sites. {@link steersweep.score.ResultTables} loads a run's Parquet
 * into Tablesaw tables and sets every steered cell against the baseline of its prompt pair; {@link
 * steersweep.score.SiteScores} averages over prompt pairs; {@link steersweep.score.Verdicts} judges
 * each average; {@link steersweep.score.Findings} sums the judgements up.
 */
package steersweep.score;
