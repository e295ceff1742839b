package steersweep.graph;

/**
 * A tensor inside a graph under construction: an input, a weight, a constant or a node's output.
 */
public record Tensor(String name, ElementType type) {}
