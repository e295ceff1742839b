package steersweep.architecture;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.FamilyConfig;
import steersweep.checkpoint.StoredTensor;
import steersweep.error.UserError;

/**
 * A checkpoint whose config ties the output layer to the embedding and that has an output layer all
 * the same. Where both are the same numbers, nothing is lost by leaving the second out. Where they
 * are not, transformers 4 uses the embedding, and transformers 5 ({@code tie_weights}) the output
 * layer.
 */
public final class TiedOutput {
  private static final int PIECE = 1 << 20;

  private TiedOutput() {}

  /**
   * @throws UserError when transformers 4 and 5 would make different models of the checkpoint
   */
  public static void check(Checkpoint checkpoint) {
    FamilyConfig.Tied tied = checkpoint.config().own().tied().orElse(null);
    if (tied == null) {
      return;
    }
    StoredTensor output = checkpoint.tensors().get(tied.output());
    StoredTensor embedding = checkpoint.tensors().get(tied.embedding());
    if (output == null || embedding == null) {
      return;
    }
    String difference = difference(output, embedding);
    if (!difference.isEmpty()) {
      throw new UserError(
          checkpoint.folder() + "/config.json: tie_word_embeddings",
          "got true, and a "
              + tied.output()
              + " in "
              + output.file().getFileName()
              + " that is not the embedding ("
              + difference
              + "): transformers 4 uses the embedding as output layer, transformers 5 "
              + tied.output()
              + "; expected false, to use it, or a file without it");
    }
  }

  /** Empty where there is none. */
  private static String difference(StoredTensor output, StoredTensor embedding) {
    if (!output.shape().equals(embedding.shape())) {
      return "shape " + output.shape() + " against " + embedding.shape();
    }
    if (!output.dtype().equals(embedding.dtype())) {
      return "type " + output.dtype() + " against " + embedding.dtype();
    }
    return sameBytes(output, embedding) ? "" : "other numbers";
  }

  private static boolean sameBytes(StoredTensor a, StoredTensor b) {
    ByteBuffer ofA = ByteBuffer.allocateDirect(PIECE);
    ByteBuffer ofB = ByteBuffer.allocateDirect(PIECE);
    try (FileChannel fileOfA = FileChannel.open(a.file());
        FileChannel fileOfB = FileChannel.open(b.file())) {
      for (long at = 0; at < a.length(); at += PIECE) {
        int bytes = (int) Math.min(PIECE, a.length() - at);
        fill(ofA.clear().limit(bytes), fileOfA, a.offset() + at);
        fill(ofB.clear().limit(bytes), fileOfB, b.offset() + at);
        if (!ofA.flip().equals(ofB.flip())) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(
          a.file() + " or " + b.file().getFileName() + ": cannot be read: " + e, e);
    }
  }

  private static void fill(ByteBuffer buffer, FileChannel file, long from) throws IOException {
    while (buffer.hasRemaining()) {
      if (file.read(buffer, from + buffer.position()) < 0) {
        throw new EOFException("ends before byte " + (from + buffer.limit()));
      }
    }
  }
}
