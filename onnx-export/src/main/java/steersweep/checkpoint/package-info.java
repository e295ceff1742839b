/**
 * A checkpoint folder, read and checked: {@link steersweep.checkpoint.Checkpoint} holds what {@link
 * steersweep.checkpoint.LlamaConfig} and {@link steersweep.checkpoint.SafetensorsFile} found; no
 * weights are copied.
 */
package steersweep.checkpoint;
