/**
 * Model families. An {@link steersweep.architecture.Architecture} makes {@link
 * steersweep.architecture.Block}s, its forward pass, of {@link steersweep.architecture.Weights};
 * nothing here knows of prefill, decoding, banks or scoring. {@link steersweep.architecture.Llama}
 * is the one to read first.
 */
package steersweep.architecture;
