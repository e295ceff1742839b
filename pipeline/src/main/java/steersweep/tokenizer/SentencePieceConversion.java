package steersweep.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a SentencePiece BPE model as the tokenizer.json that transformers 4 makes of it:
 * LlamaConverter and LlamaTokenizerFast. The tokens are those of the SentencePiece library.
 */
final class SentencePieceConversion {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String SPACE = "▁";

  private SentencePieceConversion() {}

  /**
   * @param legacy tokenizer_config.json's {@code legacy}: a space also goes before text that
   *     follows a special token
   */
  static ObjectNode convert(SentencePieceModel source, boolean legacy) {
    ObjectNode tokenizer = JSON.objectNode().put("version", "1.0");
    tokenizer.putNull("truncation").putNull("padding");
    ArrayNode added = tokenizer.putArray("added_tokens");
    ObjectNode vocabulary = JSON.objectNode();
    for (int id = 0; id < source.pieces().size(); id++) {
      SentencePieceModel.Piece piece = source.pieces().get(id);
      vocabulary.put(piece.text(), id);
      switch (piece.type()) {
        case SentencePieceModel.UNKNOWN, SentencePieceModel.CONTROL ->
            added.add(token(id, piece.text(), true));
        case SentencePieceModel.USER_DEFINED -> added.add(token(id, piece.text(), false));
        default -> {}
      }
    }
    putSpaces(tokenizer, legacy);
    tokenizer.putNull("post_processor");
    tokenizer
        .putObject("decoder")
        .put("type", "Sequence")
        .putArray("decoders")
        .add(replace(SPACE, " "))
        .add(JSON.objectNode().put("type", "ByteFallback"))
        .add(JSON.objectNode().put("type", "Fuse"))
        .add(
            JSON.objectNode()
                .put("type", "Strip")
                .put("content", " ")
                .put("start", 1)
                .put("stop", 0));
    tokenizer
        .putObject("model")
        .put("type", "BPE")
        .put("unk_token", source.pieces().get(0).text())
        .put("fuse_unk", true)
        .put("byte_fallback", true)
        .put("ignore_merges", false)
        .<ObjectNode>set("vocab", vocabulary)
        .set("merges", merges(source.pieces(), false));
    return tokenizer;
  }

  private static void putSpaces(ObjectNode tokenizer, boolean legacy) {
    if (legacy) {
      tokenizer
          .putObject("normalizer")
          .put("type", "Sequence")
          .putArray("normalizers")
          .add(JSON.objectNode().put("type", "Prepend").put("prepend", SPACE))
          .add(replace(" ", SPACE));
      tokenizer.putNull("pre_tokenizer");
    } else {
      tokenizer.putNull("normalizer");
      tokenizer.set("pre_tokenizer", metaspace("first"));
    }
  }

  /**
   * @param scheme where a space is put before a text that has none: {@code first} before the first
   *     text, {@code always} also after a special token, {@code never}
   */
  static ObjectNode metaspace(String scheme) {
    return JSON.objectNode()
        .put("type", "Metaspace")
        .put("replacement", SPACE)
        .put("prepend_scheme", scheme)
        .put("split", false);
  }

  private static ObjectNode replace(String pattern, String content) {
    ObjectNode replace = JSON.objectNode().put("type", "Replace");
    replace.putObject("pattern").put("String", pattern);
    return replace.put("content", content);
  }

  /** A token that is cut out of a text before anything else happens to it. */
  static ObjectNode token(int id, String content, boolean special) {
    return JSON.objectNode()
        .put("id", id)
        .put("content", content)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", special);
  }

  /**
   * @param around the tokens before a text, and those after it
   */
  static ObjectNode template(List<List<TokenizerFolder.SpecialToken>> around) {
    ObjectNode template = JSON.objectNode().put("type", "TemplateProcessing");
    ArrayNode single = template.putArray("single");
    around.get(0).forEach(token -> single.add(reference("SpecialToken", token.text())));
    single.add(reference("Sequence", "A"));
    around.get(1).forEach(token -> single.add(reference("SpecialToken", token.text())));
    template.putArray("pair").addAll(single).add(reference("Sequence", "B"));
    ObjectNode special = template.putObject("special_tokens");
    around.stream()
        .flatMap(List::stream)
        .forEach(
            token -> {
              ObjectNode entry = special.putObject(token.text()).put("id", token.text());
              entry.putArray("ids").add(token.id());
              entry.putArray("tokens").add(token.text());
            });
    return template;
  }

  private static JsonNode reference(String kind, String id) {
    ObjectNode reference = JSON.objectNode();
    reference.putObject(kind).put("id", id).put("type_id", 0);
    return reference;
  }

  private record Merge(String left, String right, int id, float score) {
    int leftLength() {
      return left.codePointCount(0, left.length());
    }

    int rightLength() {
      return right.codePointCount(0, right.length());
    }
  }

  /** As the SentencePiece library and transformers 4 merge: best score first. */
  private static final Comparator<Merge> BY_SCORE =
      Comparator.comparingDouble(Merge::score)
          .thenComparingInt(Merge::leftLength)
          .thenComparingInt(Merge::rightLength)
          .reversed();

  /** As transformers 5 merges: lowest id first. */
  private static final Comparator<Merge> BY_ID =
      Comparator.comparingInt(Merge::id)
          .thenComparingInt(Merge::leftLength)
          .thenComparingInt(Merge::rightLength);

  /** Every way to make a piece of two others (transformers' generate_merges). */
  static ArrayNode merges(List<SentencePieceModel.Piece> pieces, boolean transformers5) {
    Map<String, Integer> ids = new HashMap<>();
    for (SentencePieceModel.Piece piece : pieces) {
      ids.put(piece.text(), ids.size());
    }
    List<Merge> merges = new ArrayList<>();
    for (int id = 0; id < pieces.size(); id++) {
      String text = pieces.get(id).text();
      int first = text.isEmpty() ? 0 : text.offsetByCodePoints(0, 1);
      for (int cut = first; cut < text.length(); cut = text.offsetByCodePoints(cut, 1)) {
        String left = text.substring(0, cut);
        String right = text.substring(cut);
        if (ids.containsKey(left) && ids.containsKey(right)) {
          merges.add(new Merge(left, right, id, pieces.get(id).score()));
        }
      }
    }
    // A stable sort: equal ones stay in the order of their pieces.
    merges.sort(transformers5 ? BY_ID : BY_SCORE);
    ArrayNode pairs = JSON.arrayNode(merges.size());
    merges.forEach(merge -> pairs.addArray().add(merge.left()).add(merge.right()));
    return pairs;
  }
}
