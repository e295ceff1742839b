/**
 * The model as every other part sees it: {@link steersweep.model.ModelShape} has the sizes, {@link
 * steersweep.model.HookPoint} and {@link steersweep.model.GraphNames} name the graph's inputs and
 * outputs, {@link steersweep.model.ModelManifest} describes an exported graph.
 */
package steersweep.model;
