package steersweep.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Paths as they are given. Java reads and writes names of files in the locale's characters. */
final class PathArgument implements ITypeConverter<Path> {
  @Override
  public Path convert(String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(words(e));
    }
  }

  /** What is wrong with a name, and where it is the locale, what to do. */
  static String words(InvalidPathException e) {
    String characters = System.getProperty("sun.jnu.encoding", "");
    boolean ascii = e.getInput().chars().allMatch(letter -> letter < 0x80);
    if (ascii || characters.toUpperCase(Locale.ROOT).equals("UTF-8")) {
      return "not a file's name: %s; got '%s'".formatted(e.getReason(), e.getInput());
    }
    return "not a file's name in this locale, whose characters are %s; got '%s', expected to be"
            .formatted(characters, e.getInput())
        + " started with LC_ALL=C.UTF-8";
  }
}
