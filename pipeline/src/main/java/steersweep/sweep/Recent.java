package steersweep.sweep;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Results that are kept for a while, since what is wanted next was often wanted before: the most
 * recently used ones. Safe to share; a result that is not there is made while others wait.
 */
final class Recent<K, V> {
  private final int most;
  private final Map<K, V> results = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param most how many results to keep
   */
  Recent(int most) {
    this.most = most;
  }

  synchronized V get(K key, Function<K, V> make) {
    V known = results.get(key);
    if (known == null) {
      known = make.apply(key);
      results.put(key, known);
      if (results.size() > most) {
        results.remove(results.keySet().iterator().next());
      }
    }
    return known;
  }
}
