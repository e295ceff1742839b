package steersweep.measure;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of one cell.
 *
 * @param values by measure; what could not be measured is not there
 */
public record Measures(Map<Measure, Double> values) {
  public static final Measures NONE = new Measures(Map.of());

  public Measures {
    Map<Measure, Double> copy = new EnumMap<>(Measure.class);
    copy.putAll(values);
    values = copy;
  }

  public @Nullable Double get(Measure measure) {
    return values.get(measure);
  }

  /** These and one more; a null value is none. */
  public Measures with(Measure measure, @Nullable Number value) {
    if (value == null) {
      return this;
    }
    Map<Measure, Double> more = new EnumMap<>(Measure.class);
    more.putAll(values);
    more.put(measure, value.doubleValue());
    return new Measures(more);
  }
}
