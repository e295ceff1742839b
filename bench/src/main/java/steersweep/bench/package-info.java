/**
 * What bench/*.py needs of Java. {@link steersweep.bench.EngineWorker} runs cells when told to and
 * says how long they took, through {@link steersweep.bench.EngineCalls}; {@link
 * steersweep.bench.RunTokens} prints what a sweep made; {@link steersweep.bench.SessionAgent}
 * switches the profiler of ONNX Runtime on in a program that knows nothing of it.
 */
package steersweep.bench;
