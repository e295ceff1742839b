/**
 * A checkpoint folder, read and checked: {@link steersweep.checkpoint.Checkpoint} holds what {@link
 * steersweep.checkpoint.ModelConfig} and {@link steersweep.checkpoint.SafetensorsFile} found; no
 * weights are copied. Only where a graph wants them in another type does {@link
 * steersweep.checkpoint.ConvertedWeights} write them once more.
 */
package steersweep.checkpoint;
