package steersweep.published;

import java.io.BufferedInputStream;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.error.UserError;
import steersweep.model.HookPoint;

/**
 * A file in the layout of the 2023 work: the columns {@code multiplier,layer,type,text}, a row for
 * each steered text. Fields may be quoted and then hold line breaks; a quote in a field is doubled
 * or has a backslash before it. Read row by row: a file of any size takes little memory.
 *
 * @param layers layers of the model that the results are of; null if not known
 */
record PublishedCsv(Path file, @Nullable Integer layers) {
  static final List<String> COLUMNS = List.of("multiplier", "layer", "type", "text");

  /** Characters of one row; longer is an open quote or no text that anyone would read. */
  static final int MOST_CHARACTERS = 1 << 16;

  static final int MOST_ROWS = 1_000_000;
  static final int MOST_LAYERS = 1000;

  /** Faults that are shown; the rest is counted. */
  static final int MOST_FAULTS = 20;

  /** How the file names hook points. */
  private static final Map<String, HookPoint> TYPES =
      Map.of("attn", HookPoint.VALUE, "activations", HookPoint.RESIDUAL_POST);

  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][-+]?\\d{1,4})?");
  private static final Pattern WHOLE = Pattern.compile("\\d{1,9}");
  private static final int BUFFER = 8192;
  private static final String BYTE_ORDER_MARK = "\uFEFF";
  private static final int SHOWN_CHARACTERS = 40;

  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT.builder().setEscape('\\').setIgnoreEmptyLines(true).build();

  /**
   * Hands every row to {@code rows}, in the file's order. Rows are handed over even where others
   * have faults, so their use must wait for this method to return.
   *
   * @throws UserError with the first {@value #MOST_FAULTS} faults, each with its line
   */
  void read(Consumer<PublishedRow> rows) {
    if (Files.exists(file) && !Files.isDirectory(file) && !Files.isRegularFile(file)) {
      throw new UserError(file.toString(), "not a file; expected a CSV file, or a link to one");
    }
    Reading reading = new Reading(rows);
    checkEncoding(reading);
    try (InputStream in = Files.newInputStream(file);
        BoundedReader text = new BoundedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        CSVParser parser = FORMAT.parse(text)) {
      reading.all(parser, text);
    } catch (IOException e) {
      throw unreadable(e);
    }
    reading.throwIfAny();
  }

  private UserError unreadable(IOException e) {
    String what =
        Files.isDirectory(file)
            ? "a directory"
            : e instanceof NoSuchFileException
                ? "no such file"
                : e instanceof AccessDeniedException
                    ? "no permission to read it"
                    : "cannot be read: " + e.getMessage();
    return new UserError(file.toString(), what + "; expected a CSV file", e);
  }

  /** Finds the first byte that is not UTF-8; the parser reads a replacement character there. */
  private void checkEncoding(Reading reading) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CharBuffer decoded = CharBuffer.allocate(BUFFER);
    ByteBuffer bytes = ByteBuffer.allocate(BUFFER).flip();
    long line = 1;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      for (boolean end = false; !end; ) {
        bytes.compact();
        int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
        end = read < 0;
        bytes.position(bytes.position() + Math.max(0, read)).flip();
        CoderResult result = decoder.decode(bytes, decoded.clear(), end);
        line += decoded.flip().chars().filter(c -> c == '\n').count();
        if (result.isError()) {
          reading.fault(
              line,
              String.format(
                  "not UTF-8 text; got the byte 0x%02X, expected a file saved as UTF-8",
                  bytes.get(bytes.position())));
          return;
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** One pass over the file. */
  private final class Reading {
    private final Consumer<PublishedRow> rows;
    private final Faults faults = new Faults();
    private final Map<List<Object>, Long> lines = new HashMap<>();
    private long notShown;
    private boolean faulty;

    Reading(Consumer<PublishedRow> rows) {
      this.rows = rows;
    }

    void all(CSVParser parser, BoundedReader text) {
      Iterator<CSVRecord> records = parser.iterator();
      long line = 1;
      try {
        while (next(records, text)) {
          CSVRecord record = records.next();
          if (record.getRecordNumber() == 1) {
            if (!header(record)) {
              return;
            }
          } else if (record.getRecordNumber() - 1 > MOST_ROWS) {
            fault(line, "too many rows; expected at most " + MOST_ROWS);
            return;
          } else {
            row(line, record);
          }
          line = parser.getCurrentLineNumber() + 1;
        }
        if (parser.getRecordNumber() < 2) {
          faults.add(file.toString(), "no rows; expected " + String.join(",", COLUMNS));
        }
      } catch (UncheckedIOException e) {
        // Where a row starts and ends is lost from here on.
        fault(line, lost(e.getCause()) + "; nothing after this row was read");
      }
    }

    private boolean next(Iterator<CSVRecord> records, BoundedReader text) {
      text.allow(MOST_CHARACTERS + BUFFER);
      return records.hasNext();
    }

    private static String lost(@Nullable Throwable e) {
      if (e instanceof TooLong) {
        return TooLong.MESSAGE;
      }
      return e != null && String.valueOf(e.getMessage()).contains("EOF")
          ? "a quoted field without an end"
          : "text after a closing quote; a quote inside a field is written as two";
    }

    private boolean header(CSVRecord record) {
      List<String> got = record.stream().map(name -> name.replace(BYTE_ORDER_MARK, "")).toList();
      if (!got.equals(COLUMNS)) {
        fault(
            1,
            "unknown columns; got "
                + shown(String.join(",", got))
                + ", expected "
                + String.join(",", COLUMNS));
      }
      return got.equals(COLUMNS);
    }

    private void row(long line, CSVRecord record) {
      if (record.size() != COLUMNS.size()) {
        fault(line, "got " + record.size() + " fields, expected " + COLUMNS.size());
        return;
      }
      faulty = false;
      double scale = scale(line, record.get(0));
      int layer = layer(line, record.get(1));
      HookPoint hookPoint = TYPES.get(record.get(2));
      if (hookPoint == null) {
        List<String> words = TYPES.keySet().stream().sorted().toList();
        fault(
            line,
            "type: unknown; got "
                + shown(record.get(2))
                + ", "
                + Suggest.among(shortened(record.get(2)), words));
      }
      if (record.get(3).length() > MOST_CHARACTERS) {
        fault(line, "text: too long; expected at most " + MOST_CHARACTERS + " characters");
      }
      if (hookPoint == null || faulty) {
        return;
      }
      Long before = lines.putIfAbsent(List.of(scale, layer, hookPoint), line);
      if (before != null) {
        fault(line, "the same multiplier, layer and type as line " + before);
        return;
      }
      rows.accept(new PublishedRow(line, scale, hookPoint, layer, record.get(3)));
    }

    private double scale(long line, String field) {
      double scale = DECIMAL.matcher(field).matches() ? Double.parseDouble(field) : Double.NaN;
      boolean fits = Float.isFinite((float) scale) && ((float) scale != 0 || scale == 0);
      if (!fits) {
        fault(
            line,
            "multiplier: not a finite 32-bit number; got "
                + shown(field)
                + ", expected a number such as -5 or 2.5");
      }
      return scale + 0.0; // -0 is 0
    }

    private int layer(long line, String field) {
      int most = layers == null ? MOST_LAYERS : layers;
      int layer = WHOLE.matcher(field).matches() ? Integer.parseInt(field) : -1;
      if (layer < 0 || layer >= most) {
        fault(line, "layer: no such layer; got " + shown(field) + ", expected 0.." + (most - 1));
      }
      return layer;
    }

    void fault(long line, String what) {
      faulty = true;
      if (faults.all().size() < MOST_FAULTS) {
        faults.add(file + ": line " + line, what);
      } else {
        notShown++;
      }
    }

    void throwIfAny() {
      if (notShown > 0) {
        faults.add(file.toString(), "and " + notShown + " more faults like these");
      }
      faults.throwIfAny();
    }
  }

  private static String shown(String field) {
    return "'" + shortened(field) + "'";
  }

  /** Safe to print: a file may hold anything. */
  private static String shortened(String field) {
    String start = field.length() > SHOWN_CHARACTERS ? field.substring(0, SHOWN_CHARACTERS) : field;
    String visible = start.replaceAll("[\\p{Cntrl}\\p{Cf}]", "\uFFFD");
    return field.length() > SHOWN_CHARACTERS ? visible + "…" : visible;
  }

  private static final class TooLong extends IOException {
    private static final long serialVersionUID = 1L;

    private static final String MESSAGE =
        "more than " + MOST_CHARACTERS + " characters in a row; is a closing quote missing?";
  }

  /** Gives out only so many characters until more are allowed. */
  private static final class BoundedReader extends FilterReader {
    private long left;

    BoundedReader(Reader in) {
      super(in);
    }

    void allow(long characters) {
      left = characters;
    }

    @Override
    public int read() throws IOException {
      char[] one = new char[1];
      return read(one, 0, 1) < 0 ? -1 : one[0];
    }

    @Override
    public int read(char[] buffer, int offset, int length) throws IOException {
      if (left <= 0) {
        throw new TooLong();
      }
      int read = super.read(buffer, offset, (int) Math.min(length, left));
      left -= Math.max(0, read);
      return read;
    }
  }
}
