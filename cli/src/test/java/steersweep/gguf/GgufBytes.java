package steersweep.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A GGUF file, part by part, right or wrong. Right as {@link #llama} makes it. */
final class GgufBytes {
  /** Sizes are innermost first, as in the file. */
  record Part(int type, long[] sizes, int bytes) {}

  final Map<String, byte[]> metadata = new LinkedHashMap<>();
  final Map<String, Part> tensors = new LinkedHashMap<>();
  int version = 3;

  /** One block, 64 wide, with two heads of 32 and a vocabulary of ten words. */
  static GgufBytes llama() {
    GgufBytes file = new GgufBytes();
    file.text("general.architecture", "llama");
    file.number("llama.block_count", 1);
    file.number("llama.context_length", 128);
    file.number("llama.embedding_length", 64);
    file.number("llama.feed_forward_length", 64);
    file.number("llama.attention.head_count", 2);
    file.real("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    file.floats("token_embd.weight", 64, 10);
    file.floats("output_norm.weight", 64);
    for (String norm : List.of("attn_norm", "ffn_norm")) {
      file.floats("blk.0." + norm + ".weight", 64);
    }
    for (String matrix : List.of("attn_q", "attn_k", "attn_v", "attn_output")) {
      file.floats("blk.0." + matrix + ".weight", 64, 64);
    }
    for (String matrix : List.of("ffn_gate", "ffn_up", "ffn_down")) {
      file.floats("blk.0." + matrix + ".weight", 64, 64);
    }
    return file;
  }

  GgufBytes text(String key, String value) {
    return put(key, 8, string(value));
  }

  GgufBytes number(String key, int value) {
    return put(key, 4, little(4).putInt(value).array());
  }

  GgufBytes real(String key, float value) {
    return put(key, 6, little(4).putFloat(value).array());
  }

  GgufBytes flag(String key, boolean value) {
    return put(key, 7, new byte[] {(byte) (value ? 1 : 0)});
  }

  GgufBytes texts(String key, List<String> values) {
    return list(key, 8, values.stream().map(GgufBytes::string).toList());
  }

  GgufBytes numbers(String key, List<Integer> values) {
    return list(key, 5, values.stream().map(v -> little(4).putInt(v).array()).toList());
  }

  GgufBytes reals(String key, List<Float> values) {
    return list(key, 6, values.stream().map(v -> little(4).putFloat(v).array()).toList());
  }

  GgufBytes list(String key, int type, List<byte[]> values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(little(12).putInt(type).putLong(values.size()).array());
    values.forEach(out::writeBytes);
    return put(key, 9, out.toByteArray());
  }

  GgufBytes put(String key, int type, byte[] value) {
    metadata.put(key, little(4 + value.length).putInt(type).put(value).array());
    return this;
  }

  GgufBytes floats(String name, long... sizes) {
    long elements = 1;
    for (long size : sizes) {
      elements *= size;
    }
    tensors.put(name, new Part(0, sizes, (int) elements * 4));
    return this;
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] string(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return little(8 + bytes.length).putLong(bytes.length).put(bytes).array();
  }

  /** All up to the first tensor's bytes. */
  byte[] head() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(
        little(20).putInt(version).putLong(tensors.size()).putLong(metadata.size()).array());
    metadata.forEach(
        (key, value) -> {
          out.writeBytes(string(key));
          out.writeBytes(value);
        });
    long offset = 0;
    for (Map.Entry<String, Part> tensor : tensors.entrySet()) {
      Part part = tensor.getValue();
      out.writeBytes(string(tensor.getKey()));
      ByteBuffer entry = little(4 + 8 * part.sizes().length + 12).putInt(part.sizes().length);
      for (long size : part.sizes()) {
        entry.putLong(size);
      }
      out.writeBytes(entry.putInt(part.type()).putLong(offset).array());
      offset += (part.bytes() + 31) / 32 * 32;
    }
    out.writeBytes(new byte[(32 - out.size() % 32) % 32]);
    return out.toByteArray();
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(head());
    tensors.values().forEach(part -> out.writeBytes(new byte[(part.bytes() + 31) / 32 * 32]));
    return out.toByteArray();
  }

  Path write(Path file) throws IOException {
    return Files.write(file, bytes());
  }
}
