/**
 * What was found, taken out of its run: {@link steersweep.take.Taken} makes a cell's steering again
 * as one constant addition, {@link steersweep.take.Verification} runs it beside a model that is
 * meant to do the same by itself.
 */
package steersweep.take;
