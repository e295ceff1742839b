/**
 * The steering protocol around a model of any family. {@link steersweep.steerable.Export} is the
 * way in; {@code SteerableGraph} runs an architecture's layers with {@code Additions} at its hook
 * points, {@code Scoring} looks at given tokens, {@code DecodeLoop} makes new ones.
 */
package steersweep.steerable;
