/**
 * From result rows to findings; {@link steersweep.score.Analysis} is the whole way. {@link
 * steersweep.score.ResultTables} loads a run's Parquet into Tablesaw tables and sets every cell
 * against the baseline of its prompt pair; {@link steersweep.score.EffectGrid} takes the numbers
 * out as arrays and takes the random control off; {@link steersweep.score.SiteScores} averages over
 * prompt pairs, with intervals from {@link steersweep.score.Bootstrap} and chances from {@link
 * steersweep.score.SignFlips}; {@link steersweep.score.Verdicts} judges each average; {@link
 * steersweep.score.Recommendation} chooses on one half of the base prompts and reports on the
 * other; {@link steersweep.score.EqualDose} compares sites at equal doses; {@link
 * steersweep.score.Claims} judges the claims of the original work; {@link
 * steersweep.score.Findings} sums it all up.
 */
package steersweep.score;
