/**
 * The command line, one class per verb; {@link steersweep.cli.Main} holds what they share: messages
 * and exit codes.
 */
package steersweep.cli;
