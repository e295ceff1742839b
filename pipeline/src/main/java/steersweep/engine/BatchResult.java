package steersweep.engine;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtSession;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What was asked for of one run of the graph, copied out of the runtime.
 *
 * @param floats outputs by name
 * @param integers outputs by name
 */
record BatchResult(Map<String, float[]> floats, Map<String, long[]> integers) {
  static BatchResult of(OrtSession.Result result) {
    Map<String, float[]> floats = new HashMap<>();
    Map<String, long[]> integers = new HashMap<>();
    for (Map.Entry<String, OnnxValue> entry : result) {
      OnnxTensor tensor = (OnnxTensor) entry.getValue();
      if (tensor.getInfo().type == OnnxJavaType.INT64) {
        integers.put(entry.getKey(), tensor.getLongBuffer().array());
      } else {
        floats.put(entry.getKey(), tensor.getFloatBuffer().array());
      }
    }
    return new BatchResult(floats, integers);
  }

  float[] get(String name) {
    return found(floats, name);
  }

  long[] integers(String name) {
    return found(integers, name);
  }

  private static <T> T found(Map<String, T> values, String name) {
    T value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " was not asked for");
    }
    return value;
  }

  /** A row's share of a [batch, n] output. */
  float[] row(String name, int row, int n) {
    return Arrays.copyOfRange(get(name), row * n, (row + 1) * n);
  }
}
