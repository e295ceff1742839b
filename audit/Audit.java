import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Compares jars with a list of known advisories: {@code java audit/Audit.java LISTS FOLDER...}, where LISTS has
 * advisories.tsv and accepted.tsv. Ends with 1 where one is found that was not accepted. Needs no network.
 *
 * <p>What other libraries a jar has inside itself is read from what shading leaves: pom.properties, Netty's own list of
 * versions, the list in NOTICE of Apache's projects, and jars within the jar.
 */
public final class Audit {
  private static final Pattern NAME = Pattern.compile("(.+?)-([0-9][^/]*)\\.jar");
  private static final Pattern NOTICE = Pattern.compile("\\s*[-*] ?[\\w.-]+:([\\w.-]+):([0-9][\\w.-]*)\\s*");

  /** A library, by itself or inside a jar. */
  private record Part(String jar, String artifact, String version) implements Comparable<Part> {
    @Override
    public int compareTo(Part other) {
      return Comparator.comparing(Part::jar)
          .thenComparing(Part::artifact)
          .thenComparing(Part::version)
          .compare(this, other);
    }

    String words() {
      return jar.startsWith(artifact + "-" + version) ? jar : jar + ": " + artifact + " " + version;
    }
  }

  /** In versions that begin with {@code line} (- for all) and come before {@code fixed}. */
  private record Advisory(String artifact, String line, String fixed, String names) {
    boolean concerns(Part part) {
      return part.artifact().equals(artifact)
          && (line.equals("-") || part.version().startsWith(line))
          && before(part.version(), fixed);
    }
  }

  /** Why advisories about a library inside a jar whose name begins so do not concern this program. */
  private record Accepted(String jar, String artifact, String why) {}

  public static void main(String[] args) throws IOException {
    Path lists = Path.of(args[0]);
    List<Advisory> advisories =
        rows(lists.resolve("advisories.tsv"), 4).stream()
            .map(row -> new Advisory(row[0], row[1], row[2], row[3]))
            .toList();
    List<Accepted> accepted =
        rows(lists.resolve("accepted.tsv"), 3).stream()
            .map(row -> new Accepted(row[0], row[1], row[2]))
            .toList();
    TreeMap<String, Path> jars = jars(args);
    if (jars.isEmpty()) {
      System.err.println("audit: no jars in the folders given");
      System.exit(2);
    }
    TreeSet<Part> parts = new TreeSet<>();
    for (Path jar : jars.values()) {
      parts.addAll(parts(jar));
    }
    boolean found = report(parts, advisories, accepted);
    System.out.printf(
        "%d jars, %d libraries in them, advisories as of %s%n", jars.size(), parts.size(), date(lists));
    System.exit(found ? 1 : 0);
  }

  private static boolean report(TreeSet<Part> parts, List<Advisory> advisories, List<Accepted> accepted) {
    boolean found = false;
    for (Part part : parts) {
      for (Advisory advisory : advisories) {
        if (!advisory.concerns(part)) {
          continue;
        }
        Optional<Accepted> why =
            accepted.stream()
                .filter(of -> part.jar().startsWith(of.jar()) && part.artifact().equals(of.artifact()))
                .findFirst();
        found |= why.isEmpty();
        System.out.printf(
            "%s: %s; got %s, expected at least %s%s%n",
            part.words(),
            advisory.names(),
            part.version(),
            advisory.fixed(),
            why.map(of -> "; accepted: " + of.why()).orElse(""));
      }
    }
    return found;
  }

  /** By name: the same library in two folders counts once. */
  private static TreeMap<String, Path> jars(String[] args) throws IOException {
    TreeMap<String, Path> jars = new TreeMap<>();
    for (int i = 1; i < args.length; i++) {
      try (Stream<Path> files = Files.walk(Path.of(args[i]))) {
        files
            .filter(file -> file.toString().endsWith(".jar"))
            .forEach(file -> jars.put(file.getFileName().toString(), file));
      }
    }
    return jars;
  }

  private static List<String[]> rows(Path file, int columns) throws IOException {
    List<String[]> rows = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] row = line.split("\t");
        if (row.length != columns) {
          throw new IOException(file + ": got " + row.length + " columns, expected " + columns + ": " + line);
        }
        rows.add(row);
      }
    }
    return rows;
  }

  private static String date(Path lists) throws IOException {
    Matcher date = Pattern.compile("20[0-9]{2}-[0-9]{2}-[0-9]{2}").matcher(Files.readString(lists.resolve("advisories.tsv")));
    return date.find() ? date.group() : "an unknown day";
  }

  /** The jar's own library, and those inside it. */
  private static List<Part> parts(Path jar) {
    String name = jar.getFileName().toString();
    List<Part> parts = new ArrayList<>();
    Matcher own = NAME.matcher(name);
    if (own.matches()) {
      parts.add(new Part(name, own.group(1), own.group(2)));
    }
    try (InputStream file = Files.newInputStream(jar)) {
      addInside(name, file, parts);
    } catch (IOException e) {
      throw new UncheckedIOException(jar + ": cannot be read: " + e.getMessage(), e);
    }
    return parts;
  }

  private static void addInside(String jar, InputStream file, List<Part> parts) throws IOException {
    ZipInputStream entries = new ZipInputStream(file);
    for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
      String name = entry.getName();
      if (name.endsWith(".jar")) {
        addInside(jar, new ByteArrayInputStream(entries.readAllBytes()), parts);
      } else if (name.startsWith("META-INF/maven/") && name.endsWith("/pom.properties")) {
        Properties properties = properties(entries);
        String folder = name.substring(0, name.lastIndexOf('/'));
        add(jar, folder.substring(folder.lastIndexOf('/') + 1), properties.getProperty("version"), parts);
      } else if (name.equals("META-INF/io.netty.versions.properties")) {
        properties(entries)
            .forEach(
                (key, version) -> {
                  if (key.toString().endsWith(".version")) {
                    add(jar, "netty", version.toString(), parts);
                  }
                });
      } else if (name.matches("META-INF/NOTICE(\\.txt)?")) {
        for (String line : new String(entries.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
          Matcher notice = NOTICE.matcher(line);
          if (notice.matches()) {
            add(jar, notice.group(1).replaceFirst("^netty-.*", "netty"), notice.group(2), parts);
          }
        }
      }
    }
  }

  private static void add(String jar, String artifact, String version, List<Part> parts) {
    if (version != null && !jar.equals(artifact + "-" + version + ".jar")) {
      parts.add(new Part(jar, artifact, version));
    }
  }

  private static Properties properties(InputStream in) throws IOException {
    Properties properties = new Properties();
    properties.load(new ByteArrayInputStream(in.readAllBytes()));
    return properties;
  }

  /** Numbers by size, words by letters; a number after a word. */
  private static boolean before(String version, String fixed) {
    String[] a = version.split("[.-]");
    String[] b = fixed.split("[.-]");
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      int difference = compare(a[i], b[i]);
      if (difference != 0) {
        return difference < 0;
      }
    }
    return a.length < b.length;
  }

  private static int compare(String a, String b) {
    boolean numbers = a.matches("[0-9]{1,18}") && b.matches("[0-9]{1,18}");
    return numbers ? Long.compare(Long.parseLong(a), Long.parseLong(b)) : a.compareTo(b);
  }
}
