/**
 * A sweep from units to files. {@link steersweep.sweep.Runs} finds or makes the run folder, {@link
 * steersweep.sweep.SweepPipeline} fans the units out with Beam, {@link steersweep.sweep.UnitRunner}
 * runs one of them with the engine and writes its rows, {@link steersweep.sweep.Progress} watches
 * the folder.
 */
package steersweep.sweep;
