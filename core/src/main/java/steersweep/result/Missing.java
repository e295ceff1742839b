package steersweep.result;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a JSON file left out: the binding to a record puts null there, whatever the record
 * says.
 */
final class Missing {
  private Missing() {}

  /**
   * Key path of the first null, in a record and the records within it, that is not declared {@link
   * Nullable}.
   */
  static Optional<String> in(Object value) {
    return in(value, "");
  }

  private static Optional<String> in(Object value, String path) {
    if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        Optional<String> missing = in(list.get(i), path + "[" + i + "]");
        if (missing.isPresent()) {
          return missing;
        }
      }
    }
    if (value instanceof Record) {
      for (RecordComponent component : value.getClass().getRecordComponents()) {
        Optional<String> missing =
            in(component, value, path + (path.isEmpty() ? "" : ".") + component.getName());
        if (missing.isPresent()) {
          return missing;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> in(RecordComponent component, Object owner, String path) {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true); // of private records too
      Object value = accessor.invoke(owner);
      if (value != null) {
        return in(value, path);
      }
      return component.getAnnotatedType().isAnnotationPresent(Nullable.class)
          ? Optional.empty()
          : Optional.of(path);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("not readable: " + component, e);
    }
  }
}
