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
 * @param tokens generated tokens row by row; empty if not asked for
 * @param newTokens how many tokens each row has
 */
record BatchResult(Map<String, float[]> floats, long[] tokens, int newTokens) {
  static BatchResult of(OrtSession.Result result) {
    Map<String, float[]> floats = new HashMap<>();
    long[] tokens = {};
    int newTokens = 0;
    for (Map.Entry<String, OnnxValue> entry : result) {
      OnnxTensor tensor = (OnnxTensor) entry.getValue();
      if (tensor.getInfo().type == OnnxJavaType.INT64) {
        tokens = tensor.getLongBuffer().array();
        newTokens = Math.toIntExact(tensor.getInfo().getShape()[1]);
      } else {
        floats.put(entry.getKey(), tensor.getFloatBuffer().array());
      }
    }
    return new BatchResult(floats, tokens, newTokens);
  }

  float[] get(String name) {
    float[] values = floats.get(name);
    if (values == null) {
      throw new IllegalArgumentException(name + " was not asked for");
    }
    return values;
  }

  /** A row's share of a [batch, n] output. */
  float[] row(String name, int row, int n) {
    return Arrays.copyOfRange(get(name), row * n, (row + 1) * n);
  }
}
