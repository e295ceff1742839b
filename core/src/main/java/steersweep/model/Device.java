package steersweep.model;

/** What a graph is run on. */
public enum Device {
  CPU,
  CUDA
}
