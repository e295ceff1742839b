package steersweep.cli;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import steersweep.checkpoint.ConvertedWeights;
import steersweep.checkpoint.StoredTensor;
import steersweep.gguf.GgufFile;
import steersweep.gguf.GgufTensor;
import steersweep.model.FileHashes;

/**
 * A GGUF file with the same numbers in float32: with it llama.cpp rounds neither weights nor
 * activations, as it does with quantised weights.
 */
final class Float32Gguf {
  private static final int ALIGNMENT = 32;
  private static final int TYPE_F32 = 0;

  private Float32Gguf() {}

  /**
   * @param cache for the numbers on their way
   */
  static void write(Path quantised, Path file, Path cache) throws IOException {
    GgufFile source = GgufFile.read(quantised);
    List<StoredTensor> stored =
        source.tensors().stream()
            .map(
                of ->
                    new StoredTensor(
                        of.name(),
                        of.type().name(),
                        of.shape(),
                        quantised,
                        of.offset(),
                        of.length()))
            .toList();
    Map<String, StoredTensor> numbers =
        ConvertedWeights.of(
            stored, "F32", cache, FileHashes.ofThisUser((of, bytes) -> {}), (done, all) -> {});
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
        DataOutputStream counting = new DataOutputStream(out);
        RandomAccessFile converted =
            new RandomAccessFile(numbers.values().iterator().next().file().toFile(), "r")) {
      counting.write(metadata(source));
      counting.write(table(source, numbers));
      pad(counting);
      for (GgufTensor tensor : source.tensors()) {
        StoredTensor of = numbers.get(tensor.name());
        byte[] bytes = new byte[(int) of.length()];
        converted.seek(of.offset());
        converted.readFully(bytes);
        counting.write(bytes);
        pad(counting);
      }
    }
  }

  /** Everything before the table of tensors, which begins with the first one's name. */
  private static byte[] metadata(GgufFile source) throws IOException {
    byte[] head = new byte[(int) source.dataStart()];
    try (RandomAccessFile file = new RandomAccessFile(source.path().toFile(), "r")) {
      file.readFully(head);
    }
    byte[] name = source.tensors().get(0).name().getBytes(StandardCharsets.UTF_8);
    byte[] entry = buffer(Long.BYTES + name.length).putLong(name.length).put(name).array();
    int at =
        Collections.lastIndexOfSubList(Arrays.asList(boxed(head)), Arrays.asList(boxed(entry)));
    return Arrays.copyOf(head, at);
  }

  private static Byte[] boxed(byte[] bytes) {
    Byte[] boxed = new Byte[bytes.length];
    Arrays.setAll(boxed, i -> bytes[i]);
    return boxed;
  }

  private static byte[] table(GgufFile source, Map<String, StoredTensor> numbers) {
    ByteBuffer table = buffer(source.tensors().size() * 256);
    long offset = 0;
    for (GgufTensor tensor : source.tensors()) {
      byte[] name = tensor.name().getBytes(StandardCharsets.UTF_8);
      table.putLong(name.length).put(name).putInt(tensor.shape().size());
      for (int axis = tensor.shape().size() - 1; axis >= 0; axis--) {
        table.putLong(tensor.shape().get(axis));
      }
      table.putInt(TYPE_F32).putLong(offset);
      long length = numbers.get(tensor.name()).length();
      offset += (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    return Arrays.copyOf(table.array(), table.position());
  }

  private static void pad(DataOutputStream out) throws IOException {
    while (out.size() % ALIGNMENT != 0) {
      out.write(0);
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
