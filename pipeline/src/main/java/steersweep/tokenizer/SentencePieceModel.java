package steersweep.tokenizer;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.result.TextFile;

/**
 * A SentencePiece file, as far as Llama tokenizers use it: sentencepiece_model.proto's ModelProto
 * with the fields that change what a text becomes.
 *
 * @param pieces the vocabulary; the position is the token id
 */
record SentencePieceModel(List<Piece> pieces) {
  static final int UNKNOWN = 2;
  static final int CONTROL = 3;
  static final int USER_DEFINED = 4;

  /** Far longer than the pieces of any vocabulary; every cut of a piece is tried as a merge. */
  private static final int LONGEST_PIECE = 1000;

  private static final int BPE = 2;
  private static final String[] ALGORITHMS = {"?", "Unigram", "BPE", "word", "character"};

  /**
   * @param score the higher, the earlier the piece is merged
   * @param type 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte
   */
  record Piece(String text, float score, int type) {}

  SentencePieceModel {
    pieces = List.copyOf(pieces);
  }

  /**
   * @throws UserError when the file is no SentencePiece file, or is one that the Llama tokenizers'
   *     way does not cover
   */
  static SentencePieceModel read(Path file) {
    Reader reader = new Reader();
    try {
      reader.model(CodedInputStream.newInstance(TextFile.bytes(file)));
    } catch (IOException e) {
      throw new UserError(file.toString(), "not a readable SentencePiece model; " + e, e);
    }
    Faults faults = new Faults();
    reader.check(file, faults);
    faults.throwIfAny();
    return new SentencePieceModel(reader.pieces);
  }

  /** Field numbers and defaults are those of sentencepiece_model.proto. */
  private static final class Reader {
    private final List<Piece> pieces = new ArrayList<>();
    private int algorithm = 1;
    private boolean whitespaceAsSuffix;
    private boolean addDummyPrefix = true;
    private boolean removeExtraWhitespace = true;
    private boolean charsmap;

    void model(CodedInputStream in) throws IOException {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case 1 -> pieces.add(piece(in.readBytes().newCodedInput()));
          case 2 -> trainer(in.readBytes().newCodedInput());
          case 3 -> normalizer(in.readBytes().newCodedInput());
          default -> in.skipField(tag);
        }
      }
    }

    private static Piece piece(CodedInputStream in) throws IOException {
      String text = "";
      float score = 0;
      int type = 1;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case 1 -> text = in.readStringRequireUtf8();
          case 2 -> score = in.readFloat();
          case 3 -> type = in.readEnum();
          default -> in.skipField(tag);
        }
      }
      return new Piece(text, score, type);
    }

    private void trainer(CodedInputStream in) throws IOException {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case 3 -> algorithm = in.readEnum();
          case 24 -> whitespaceAsSuffix = in.readBool();
          default -> in.skipField(tag);
        }
      }
    }

    private void normalizer(CodedInputStream in) throws IOException {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case 2 -> charsmap = !in.readBytes().isEmpty();
          case 3 -> addDummyPrefix = in.readBool();
          case 4 -> removeExtraWhitespace = in.readBool();
          default -> in.skipField(tag);
        }
      }
    }

    void check(Path file, Faults faults) {
      if (pieces.isEmpty()) {
        faults.add(file.toString(), "not a SentencePiece model; got no pieces");
      } else if (longest() > LONGEST_PIECE) {
        refuse(
            file,
            "a piece of " + longest() + " characters; expected at most " + LONGEST_PIECE,
            faults);
      } else if (algorithm != BPE) {
        String name = ALGORITHMS[Math.min(Math.max(algorithm, 0), 4)];
        refuse(file, "algorithm; got " + name + ", expected BPE", faults);
      } else if (charsmap || removeExtraWhitespace || whitespaceAsSuffix || !addDummyPrefix) {
        refuse(
            file,
            "it changes texts in a way of its own (precompiled_charsmap "
                + (charsmap ? "set" : "empty")
                + ", remove_extra_whitespaces "
                + removeExtraWhitespace
                + ", treat_whitespace_as_suffix "
                + whitespaceAsSuffix
                + ", add_dummy_prefix "
                + addDummyPrefix
                + "); expected empty, false, false, true as in Llama's",
            faults);
      }
    }

    private int longest() {
      return pieces.stream().mapToInt(piece -> piece.text().length()).max().orElse(0);
    }

    private static void refuse(Path file, String what, Faults faults) {
      faults.add(
          file.toString(),
          "not a Llama SentencePiece model: " + what + "; " + TokenizerFolder.wayOut(file));
    }
  }
}
