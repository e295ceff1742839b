/**
 * The Llama family as a steerable graph. {@link steersweep.llama.Export} is the way in; the forward
 * pass is in {@code SteerableLlama}, what the checkpoint must hold in {@code LlamaWeights}.
 */
package steersweep.llama;
