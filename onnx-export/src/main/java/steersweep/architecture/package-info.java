/**
 * Model families. An {@link steersweep.architecture.Architecture} says which tensors a checkpoint
 * must hold and makes {@link steersweep.architecture.Block}s, its forward pass; nothing here knows
 * of prefill, decoding, banks or scoring. {@link steersweep.architecture.Llama} is the one to read
 * first.
 */
package steersweep.architecture;
