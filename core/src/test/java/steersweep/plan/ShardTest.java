package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardTest {
  @Test
  void aWordIsRead() {
    assertThat(Shard.of("2/8")).contains(new Shard(2, 8));
    assertThat(new Shard(2, 8).word()).isEqualTo("2/8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2", "0/8", "9/8", "-1/8", "1/0", "1/8/2", "a/b", "1/99999", " 1/8"})
  void otherWordsAreNoShards(String word) {
    assertThat(Shard.of(word)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 20})
  void theShardsTogetherHaveEveryUnitOnce(int count) {
    List<Unit> units =
        IntStream.range(0, 10).mapToObj(i -> new Unit(Stage.SCREEN, i, i, i + 1)).toList();

    Stream<String> all =
        IntStream.rangeClosed(1, count)
            .boxed()
            .flatMap(index -> new Shard(index, count).unitIds(10).stream());

    assertThat(all).containsExactlyInAnyOrderElementsOf(units.stream().map(Unit::id).toList());
  }
}
