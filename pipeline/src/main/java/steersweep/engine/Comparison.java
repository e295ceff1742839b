package steersweep.engine;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the rows of a batch are compared with: unsteered texts, told apart by identity, each once
 * however many rows and axes share it.
 */
final class Comparison {
  /** An axis as seen from a base: the variance of what it leads along is under that base. */
  private record SeenFrom(Axis axis, int base) {
    @Override
    public boolean equals(Object other) {
      return other instanceof SeenFrom seen && seen.axis == axis && seen.base == base;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(axis) + base;
    }
  }

  private final Map<Continuation, Integer> numbers = new IdentityHashMap<>();
  private final List<Continuation> references = new ArrayList<>();
  private final List<Integer> bases = new ArrayList<>();
  private final List<Integer> rowBases = new ArrayList<>();
  private final List<SeenFrom> axes = new ArrayList<>();
  private final Map<SeenFrom, Integer> axisNumbers = new java.util.HashMap<>();

  /**
   * Compares the next row.
   *
   * @return the numbers of its axes
   */
  int[] add(Continuation base, List<Axis> along) {
    int of = number(base);
    if (!bases.contains(of)) {
      bases.add(of);
    }
    rowBases.add(of);
    return along.stream().mapToInt(axis -> axis(new SeenFrom(axis, of))).toArray();
  }

  private int axis(SeenFrom axis) {
    return axisNumbers.computeIfAbsent(
        axis,
        of -> {
          of.axis().plus().forEach(this::number);
          of.axis().minus().forEach(this::number);
          axes.add(of);
          return axes.size() - 1;
        });
  }

  private int number(Continuation reference) {
    Integer known = numbers.putIfAbsent(reference, references.size());
    if (known == null) {
      references.add(reference);
      return references.size() - 1;
    }
    return known;
  }

  List<Continuation> references() {
    return references;
  }

  long[] bases() {
    return bases.stream().mapToLong(Integer::longValue).toArray();
  }

  /** For each row and each reference its base; one number if that is the same for all. */
  long[] rowBases() {
    if (bases.size() == 1) {
      return bases();
    }
    long[] all = new long[rowBases.size() + references.size()];
    for (int row = 0; row < all.length; row++) {
      all[row] = row < rowBases.size() ? rowBases.get(row) : bases.get(0);
    }
    return all;
  }

  int axes() {
    return axes.size();
  }

  long[] axisBases() {
    return axes.stream().mapToLong(SeenFrom::base).toArray();
  }

  /** [axes * references]. */
  float[] plus() {
    return weights(axes.stream().map(axis -> axis.axis().plus()).toList());
  }

  /** [axes * references]. */
  float[] minus() {
    return weights(axes.stream().map(axis -> axis.axis().minus()).toList());
  }

  /** Every reference of a side weighs the same; one that is given twice weighs twice. */
  private float[] weights(List<List<Continuation>> sides) {
    float[] weights = new float[sides.size() * references.size()];
    for (int axis = 0; axis < sides.size(); axis++) {
      List<Continuation> side = sides.get(axis);
      for (Continuation reference : side) {
        weights[axis * references.size() + number(reference)] += 1f / side.size();
      }
    }
    return weights;
  }
}
