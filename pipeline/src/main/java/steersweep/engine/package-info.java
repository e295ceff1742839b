/**
 * Runs the steerable graph with ONNX Runtime, and knows nothing of Beam. {@link
 * steersweep.engine.Engine} holds the session; {@link steersweep.engine.Capture} reads activations,
 * {@link steersweep.engine.Steer} turns cells into completions, {@link steersweep.engine.Score} and
 * {@link steersweep.engine.Along} give log-probabilities of texts, unsteered and steered, {@link
 * steersweep.engine.DoseResidual} the size of an addition. Each of them fills a {@link
 * steersweep.engine.Batch}.
 */
package steersweep.engine;
