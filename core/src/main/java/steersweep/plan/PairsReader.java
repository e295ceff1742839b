package steersweep.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.ContentHash;
import steersweep.plan.MeanDifference.Pair;
import steersweep.plan.MeanDifference.Tokens;
import steersweep.result.TextFile;

/**
 * Reads a file of pairs of texts, in whichever of three layouts it is: a line of JSON for each pair
 * with {@code positive} and {@code negative}; the list of contrastive activation addition (Rimsky
 * et al.), with {@code question}, {@code answer_matching_behavior} and {@code
 * answer_not_matching_behavior}; a trait of persona vectors (Chen et al.), with {@code instruction}
 * (a list of {@code pos}, {@code neg}) and {@code questions}.
 */
final class PairsReader {
  private static final int MOST_PAIRS = 10_000;
  private static final int MOST_FAULTS = 20;
  private static final String EXPECTED =
      "positive and negative; question, answer_matching_behavior and"
          + " answer_not_matching_behavior; or instruction and questions";

  private final String name;
  private final Faults faults = new Faults();
  private final List<Pair> pairs = new ArrayList<>();
  private int wrong;

  /** What counts where the plan does not say: answers of layouts that have some. */
  private Tokens usual = Tokens.ALL;

  private PairsReader(String name) {
    this.name = name;
  }

  /**
   * @param name the file as the plan names it
   * @param at null for what is usual in the file's layout
   * @throws UserError with everything that is wrong with the file
   */
  static MeanDifference read(Path file, String name, Optional<Tokens> at) {
    PairsReader reader = new PairsReader(name);
    String text = text(file, name);
    reader.readAll(text);
    if (reader.pairs.isEmpty() && !reader.faults.any()) {
      reader.faults.add(name, "no pairs in it");
    }
    if (reader.pairs.size() > MOST_PAIRS) {
      reader.faults.add(
          name, "too many pairs; got " + reader.pairs.size() + ", expected at most " + MOST_PAIRS);
    }
    reader.faults.throwIfAny();
    return new MeanDifference(name, hash(file, name), at.orElse(reader.usual), reader.pairs);
  }

  private static String text(Path file, String name) {
    try {
      return TextFile.read(file);
    } catch (NoSuchFileException e) {
      throw new UserError(name, "no such file; expected pairs of texts", e);
    } catch (IOException e) {
      throw new UserError(name, "cannot be read; " + e, e);
    }
  }

  private static String hash(Path file, String name) {
    try {
      return ContentHash.of(file);
    } catch (IOException e) {
      throw new UserError(name, "cannot be read; " + e, e);
    }
  }

  private void readAll(String text) {
    ObjectMapper json = new ObjectMapper();
    int number = 0;
    try (MappingIterator<JsonNode> items = json.readerFor(JsonNode.class).readValues(text)) {
      while (items.hasNextValue()) {
        item(items.nextValue(), ++number);
      }
    } catch (JsonProcessingException e) {
      faults.add(name + ": pair " + (number + 1), "not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UserError(name, "cannot be read; " + e, e);
    }
  }

  private void item(JsonNode item, int number) {
    if (item.has("positive") || item.has("negative")) {
      add(number, "", item.path("positive"), item.path("negative"));
    } else if (item.has("question")) {
      usual = Tokens.ANSWER;
      add(
          number,
          item.path("question").asText(),
          item.path("answer_matching_behavior"),
          item.path("answer_not_matching_behavior"));
    } else if (item.has("instruction")) {
      usual = Tokens.LAST;
      trait(item, number);
    } else {
      fault(number, "not a pair; expected the keys " + EXPECTED);
    }
  }

  /** Every question under every instruction: what differs is what the model is told to be. */
  private void trait(JsonNode trait, int number) {
    for (JsonNode instruction : trait.path("instruction")) {
      for (JsonNode question : trait.path("questions")) {
        String asked = "\n\n" + question.asText() + "\n\n";
        add(number, "", instruction.path("pos"), instruction.path("neg"), asked);
      }
    }
  }

  private void add(int number, String question, JsonNode positive, JsonNode negative) {
    add(number, question, positive, negative, "");
  }

  private void add(
      int number, String question, JsonNode positive, JsonNode negative, String after) {
    if (!positive.isTextual() || !negative.isTextual()) {
      fault(number, "half a pair; expected two texts, the keys " + EXPECTED);
    } else if (positive.asText().isBlank() || negative.asText().isBlank()) {
      fault(number, "empty; expected two texts");
    } else if (positive.asText().equals(negative.asText())) {
      fault(number, "the same text twice; expected two that differ");
    } else {
      pairs.add(new Pair(question, positive.asText() + after, negative.asText() + after));
    }
  }

  private void fault(int number, String what) {
    if (++wrong <= MOST_FAULTS) {
      faults.add(name + ": pair " + number, what);
    }
  }
}
