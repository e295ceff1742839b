package steersweep.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fixed parts of the report, kept as resources, with {@code {{name}}} where something goes. */
final class Template {
  private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

  private Template() {}

  static String text(String resource) {
    try (InputStream in = Template.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("missing from the program: " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(resource + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Fills every place in one pass: what is filled in is never looked at again. */
  static String filled(String resource, Map<String, String> values) {
    Matcher matcher = PLACE.matcher(text(resource));
    return matcher.replaceAll(
        match -> {
          String value = values.get(match.group(1));
          if (value == null) {
            throw new IllegalStateException(resource + ": no value for " + match.group());
          }
          return Matcher.quoteReplacement(value);
        });
  }
}
