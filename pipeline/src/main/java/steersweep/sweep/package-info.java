/**
 * A sweep from units to files. {@link steersweep.sweep.Runs} finds or makes the run folder, {@link
 * steersweep.sweep.SweepPipeline} fans the units out with Beam, {@link steersweep.sweep.UnitRunner}
 * runs one of them with the engine and writes its rows. It gives each {@link
 * steersweep.sweep.PlacedCell} what {@link steersweep.sweep.PairContexts} keeps for its prompt
 * pair, takes the {@link steersweep.sweep.TextFreeScores}, and generates the {@link
 * steersweep.sweep.Survivors}. {@link steersweep.sweep.SweepProgress} tells how far it is.
 */
package steersweep.sweep;
