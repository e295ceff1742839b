/**
 * How faults reach the user: {@link steersweep.error.Faults} collects, {@link
 * steersweep.error.UserError} carries them to the command line, {@link steersweep.error.Suggest}
 * names the nearest known word, {@link steersweep.error.Visible} keeps foreign texts harmless.
 */
package steersweep.error;
