/**
 * From result rows to findings; {@link steersweep.score.Analysis} is the whole way. {@link
 * steersweep.score.ResultTables} loads a run's Parquet into one Tablesaw table; {@link
 * steersweep.score.Grid} lays it out by site, setting and prompt pair and takes the random control
 * off any measure; {@link steersweep.score.TextTests} puts candidates to the test by the texts of
 * held-out base prompts, with chances from {@link steersweep.score.SignFlips}; {@link
 * steersweep.score.SiteScores} averages over prompt pairs, with intervals from {@link
 * steersweep.score.Bootstrap}, and judges; {@link steersweep.score.Recommendation} names the site
 * to use; {@link steersweep.score.EqualDamage} compares sites where they damage alike; a {@link
 * steersweep.score.ClaimRule} judges a claim of the original work. All of it is done for each
 * concept and for all of them together: {@link steersweep.score.ConceptFindings}.
 */
package steersweep.score;
