package steersweep.bake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import steersweep.checkpoint.SafetensorsFile;
import steersweep.checkpoint.StoredNumbers;
import steersweep.checkpoint.StoredTensor;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.gguf.GgufFile;
import steersweep.gguf.GgufTensor;
import steersweep.model.ContentHash;
import steersweep.model.HookPoint;
import steersweep.plan.GivenVector;

/**
 * Reads vectors to steer with: a {@link SteeringFile}, or a file of several such tensors; a
 * safetensors file of one matrix [layers, width], for block outputs; a llama.cpp control vector.
 */
public final class VectorFile {
  private static final Pattern DIRECTION = Pattern.compile("direction\\.(\\d{1,6})");
  private static final Pattern TAP = Pattern.compile("(?:encoder\\.)?blocks\\.(\\d{1,6})\\.(.*)");
  private static final String EXPECTED =
      "tensors named as in steering.safetensors (blocks.14.hook_resid_post), or one matrix [layers,"
          + " width]";

  private final String name;
  private final Faults faults = new Faults();
  private final List<GivenVector.At> vectors = new ArrayList<>();

  private VectorFile(String name) {
    this.name = name;
  }

  /**
   * @param name the file as the plan names it
   * @throws UserError with everything that is wrong with the file
   */
  public static GivenVector read(Path file, String name) {
    if (!Files.isRegularFile(file)) {
      throw new UserError(name, "no such file; expected vectors, .safetensors or .gguf");
    }
    VectorFile reader = new VectorFile(name);
    if (file.toString().toLowerCase(Locale.ROOT).endsWith(".gguf")) {
      reader.controlVector(GgufFile.read(file));
    } else {
      SafetensorsFile contents = SafetensorsFile.read(file, reader.faults);
      reader.faults.throwIfAny();
      reader.tensors(contents.tensors());
    }
    reader.faults.throwIfAny();
    try {
      return new GivenVector(name, ContentHash.of(file), reader.vectors);
    } catch (IOException e) {
      throw new UserError(name, "cannot be read; " + e, e);
    }
  }

  private void controlVector(GgufFile file) {
    String architecture = file.get("general.architecture").asText();
    if (!architecture.equals("controlvector")) {
      faults.add(
          name,
          "not a control vector; got architecture '" + architecture + "', expected controlvector");
      return;
    }
    for (GgufTensor tensor : file.tensors()) {
      Matcher direction = DIRECTION.matcher(tensor.name());
      if (!direction.matches() || tensor.shape().size() != 1) {
        fault(tensor.name(), "got " + tensor.shape() + ", expected direction.N [width]");
      } else {
        StoredTensor stored =
            new StoredTensor(
                tensor.name(),
                tensor.type().name(),
                tensor.shape(),
                file.path(),
                tensor.offset(),
                tensor.length());
        add(stored, HookPoint.RESIDUAL_POST, Integer.parseInt(direction.group(1)));
      }
    }
  }

  private void tensors(List<StoredTensor> tensors) {
    boolean matrix = tensors.size() == 1 && tensors.get(0).shape().size() == 2;
    if (matrix) {
      addRows(tensors.get(0));
      return;
    }
    for (StoredTensor tensor : tensors) {
      Matcher tap = TAP.matcher(tensor.name());
      Optional<HookPoint> hookPoint =
          tap.matches()
              ? hookPoint(Integer.parseInt(tap.group(1)), tensor.name())
              : Optional.empty();
      if (hookPoint.isEmpty() || tensor.shape().size() != 1) {
        fault(tensor.name(), "got " + tensor.shape() + ", expected " + EXPECTED);
      } else {
        add(tensor, hookPoint.get(), Integer.parseInt(tap.group(1)));
      }
    }
    if (tensors.isEmpty()) {
      faults.add(name, "no tensors in it; expected " + EXPECTED);
    }
  }

  private static Optional<HookPoint> hookPoint(int layer, String tap) {
    for (HookPoint hookPoint : HookPoint.values()) {
      if (hookPoint.tap(layer).equals(tap)) {
        return Optional.of(hookPoint);
      }
    }
    return Optional.empty();
  }

  private void addRows(StoredTensor matrix) {
    float[] all = numbers(matrix);
    int layers = Math.toIntExact(matrix.shape().get(0));
    for (int layer = 0; layer < layers && all.length > 0; layer++) {
      int width = all.length / layers;
      float[] row = Arrays.copyOfRange(all, layer * width, (layer + 1) * width);
      vectors.add(GivenVector.At.of(HookPoint.RESIDUAL_POST, layer, row));
    }
  }

  private void add(StoredTensor tensor, HookPoint hookPoint, int layer) {
    float[] numbers = numbers(tensor);
    if (numbers.length > 0) {
      vectors.add(GivenVector.At.of(hookPoint, layer, numbers));
    }
  }

  /** None if they cannot be used. */
  private float[] numbers(StoredTensor tensor) {
    if (!List.of("F64", "F32", "F16", "BF16").contains(tensor.dtype())) {
      fault(tensor.name(), "got type " + tensor.dtype() + ", expected F32, F16 or BF16");
      return new float[0];
    }
    float[] numbers = StoredNumbers.read(tensor);
    for (float number : numbers) {
      if (!Float.isFinite(number)) {
        fault(tensor.name(), "not finite; got " + number + ", expected numbers");
        return new float[0];
      }
    }
    return numbers;
  }

  private void fault(String tensor, String what) {
    faults.add(name + ": " + tensor, what);
  }
}
