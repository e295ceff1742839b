package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import steersweep.engine.EngineException;
import steersweep.plan.Cell;
import steersweep.plan.PositionRule;
import steersweep.plan.PromptPair;
import steersweep.result.CompletionRow;
import steersweep.result.Placement;

/** Cells that fail; {@code KillAndResumeTest} and {@code FailuresTest} have real models. */
class AttemptsTest {
  private static final PromptPair PAIR = new PromptPair(0, "vegan", "I eat", "I am", List.of());

  private final List<Integer> sizes = new ArrayList<>();

  private static List<Cell> cells(int n) {
    return LongStream.range(0, n)
        .mapToObj(i -> new Cell(i, PAIR, null, 0, PositionRule.MEAN))
        .toList();
  }

  private static UnitRows rows(List<Cell> cells, String status) {
    UnitRows rows = new UnitRows();
    for (Cell cell : cells) {
      rows.add(
          new CompletionRow(
              Placement.nowhere(cell, "u"), List.of(), null, false, false, status, null));
    }
    return rows;
  }

  private UnitRows run(int n, Set<Long> bad, int times) {
    return Attempts.of(
        "u",
        cells(n),
        cells -> {
          sizes.add(cells.size());
          if (sizes.size() <= times && cells.stream().anyMatch(c -> bad.contains(c.index()))) {
            throw new EngineException("no memory");
          }
          return rows(cells, "ok");
        },
        (cell, why) -> {
          assertThat(why).isEqualTo("no memory");
          return rows(List.of(cell), "failed");
        });
  }

  private static Map<Long, String> statuses(UnitRows rows) {
    return rows.results().entrySet().stream()
        .collect(
            java.util.stream.Collectors.toMap(
                Map.Entry::getKey, row -> row.getValue().get("status").toString()));
  }

  @Test
  void whatSucceedsIsRunOnce() {
    assertThat(statuses(run(8, Set.of(), 100))).hasSize(8).doesNotContainValue("failed");
    assertThat(sizes).containsExactly(8);
  }

  @Test
  void aFailureThatPassesIsTriedTwiceMore() {
    assertThat(statuses(run(8, Set.of(3L), 2))).hasSize(8).doesNotContainValue("failed");
    assertThat(sizes).containsExactly(8, 8, 8);
  }

  @Test
  void onlyTheCellAtFaultFails() {
    Map<Long, String> statuses = statuses(run(8, Set.of(5L), 100));

    assertThat(statuses).hasSize(8).containsEntry(5L, "failed");
    assertThat(statuses.values().stream().filter("ok"::equals)).hasSize(7);
    assertThat(sizes).containsExactly(8, 8, 8, 4, 4, 2, 1, 1, 2);
  }

  @Test
  void whereEverythingFailsTheAttemptsAreBounded() {
    Set<Long> all = Set.copyOf(LongStream.range(0, 2048).boxed().toList());

    assertThat(statuses(run(2048, all, 10_000))).hasSize(2048).doesNotContainValue("ok");
    assertThat(sizes).hasSizeLessThan(100);
  }

  @Test
  void whatCannotBeWrittenIsNotTheCellsFault() {
    UncheckedIOException full = new UncheckedIOException("disk full", new IOException());

    assertThatThrownBy(
            () ->
                Attempts.of(
                    "u",
                    cells(4),
                    cells -> {
                      throw full;
                    },
                    (cell, why) -> rows(List.of(cell), "failed")))
        .isSameAs(full);
  }
}
