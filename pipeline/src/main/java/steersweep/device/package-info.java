/**
 * Which processor a model is run on. {@link steersweep.device.NativeLibraries} says where ONNX
 * Runtime's libraries are, {@link steersweep.device.Cuda} whether they can use this machine's GPUs
 * and what is missing, {@link steersweep.device.DeviceChoice} what is taken and why. The machine is
 * a {@link steersweep.device.Host}, so that tests can make one up. Other libraries unpack their
 * native parts into the {@link steersweep.device.NativeFolder}.
 */
package steersweep.device;
