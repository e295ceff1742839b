package steersweep.plan;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * One of several processes that share a sweep, each with a run folder of its own: it runs every
 * {@code count}-th unit.
 *
 * @param index 1 to {@code count}
 * @param count how many there are, 1 to {@value #MOST}
 */
public record Shard(int index, int count) {
  public static final int MOST = 9999;

  private static final Pattern WORD = Pattern.compile("(\\d{1,4})/(\\d{1,4})");

  public Shard {
    if (count < 1 || count > MOST || index < 1 || index > count) {
      throw new IllegalArgumentException("no such shard; got " + index + "/" + count);
    }
  }

  /** {@code 2/8}; empty if that is no shard. */
  public static Optional<Shard> of(String word) {
    Matcher matcher = WORD.matcher(word);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int index = Integer.parseInt(matcher.group(1));
    int count = Integer.parseInt(matcher.group(2));
    return index < 1 || index > count ? Optional.empty() : Optional.of(new Shard(index, count));
  }

  /** {@code 2/8}, as on the command line. */
  public String word() {
    return index + "/" + count;
  }

  /** Whether this shard runs a unit. */
  public boolean has(Unit unit) {
    return unit.index() % count == index - 1;
  }

  /** Ids of the units that it runs, of a sweep of so many. */
  public List<String> unitIds(int units) {
    return IntStream.range(0, units)
        .mapToObj(i -> new Unit(Stage.SCREEN, i, 0, 0))
        .filter(this::has)
        .map(Unit::id)
        .toList();
  }
}
