package steersweep.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import steersweep.model.ContentHash;
import steersweep.model.FileHashes;
import steersweep.result.TextFile;

/**
 * Tells one checkpoint from another: a hash over the hashes of config.json, the tokenizer's files
 * and every file with weights, and over the tokens that end a text, which may stand in
 * generation_config.json, where all else is of no effect. Names and places of files do not count.
 */
public final class Fingerprint {
  /** Files that count where they are there. */
  public static final List<String> SMALL_FILES =
      List.of(
          "config.json",
          "tokenizer.json",
          "tokenizer.model",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json");

  private Fingerprint() {}

  public static String of(Checkpoint checkpoint, FileHashes hashes) {
    Stream<String> small =
        SMALL_FILES.stream()
            .map(checkpoint.folder()::resolve)
            .map(file -> Files.exists(file) ? small(file) : "none");
    Stream<String> others =
        Stream.of(
            ofWeights(checkpoint.tensors().values(), hashes),
            String.valueOf(checkpoint.config().eosTokens()));
    return together(Stream.concat(small, others));
  }

  /** Of all files that hold any of the tensors. */
  static String ofWeights(Collection<StoredTensor> tensors, FileHashes hashes) {
    return together(
        tensors.stream()
            .map(StoredTensor::file)
            .distinct()
            .map(file -> hash(file, hashes))
            .sorted());
  }

  /** Read as whoever uses it reads it: no pipe, nothing that never ends. */
  private static String small(Path file) {
    ContentHash hash = new ContentHash();
    try {
      hash.update(ByteBuffer.wrap(TextFile.bytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read: " + e, e);
    }
    return hash.digits();
  }

  private static String hash(Path file, FileHashes hashes) {
    try {
      return hashes.of(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read: " + e, e);
    }
  }

  private static String together(Stream<String> hashes) {
    ContentHash all = new ContentHash();
    hashes.forEach(hash -> all.updateText(hash + "\n"));
    return all.digits();
  }
}
