package steersweep.engine;

import java.util.List;
import java.util.stream.Stream;

/**
 * A direction in what a model says: from what it says after some prompts to what it says after
 * others. Each side is the mean of the distributions that the unsteered model gives after its
 * prompts, at every token of one and the same text.
 *
 * @param plus that text after the prompts that the axis leads to
 * @param minus the same text after those that it leads away from
 */
public record Axis(List<Continuation> plus, List<Continuation> minus) {
  /**
   * @throws IllegalArgumentException when a side has no prompts, or the texts are not the same
   */
  public Axis {
    plus = List.copyOf(plus);
    minus = List.copyOf(minus);
    if (plus.isEmpty() || minus.isEmpty()) {
      throw new IllegalArgumentException("each side of an axis needs a prompt");
    }
    if (Stream.concat(plus.stream(), minus.stream())
            .map(side -> side.text().continuation())
            .distinct()
            .count()
        > 1) {
      throw new IllegalArgumentException("both sides of an axis are of the same text");
    }
  }

  /** The text that both sides read. */
  List<Integer> text() {
    return plus.get(0).text().continuation();
  }
}
