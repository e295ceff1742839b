/**
 * Builds ONNX graphs: {@link steersweep.graph.GraphBuilder} adds one {@link steersweep.graph.Op}
 * after another and hands out {@link steersweep.graph.Tensor}s. Knows nothing of Llama.
 */
package steersweep.graph;
