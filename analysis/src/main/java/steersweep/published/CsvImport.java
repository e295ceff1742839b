package steersweep.published;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.Release;
import steersweep.plan.PlanReader;
import steersweep.plan.SweepPlan;
import steersweep.result.Json;
import steersweep.result.Published;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;

/**
 * Makes a run folder of a published file: the same Parquet files that a sweep writes, without what
 * only a model can tell (tokens, log-probabilities, KL, doses). The file is read twice, once to
 * check it and to find its least steered text, once to write; nothing is written of a file with
 * faults.
 *
 * @param file the CSV file, see {@link PublishedCsv}
 * @param basePrompt the text that was continued; the file's texts start with it
 * @param steeringPrompt the text whose activations were added
 * @param targetWords lower-case words that show the concept in a text; may be empty
 * @param layers layers of the model; null if not known
 * @param run the run folder to make
 */
public record CsvImport(
    Path file,
    String basePrompt,
    String steeringPrompt,
    List<String> targetWords,
    @Nullable Integer layers,
    Path run) {
  private static final int UNIT_CELLS = 2048;
  private static final String PLAN_FILE = "plan.yaml";

  public CsvImport {
    targetWords = targetWords.stream().distinct().toList();
  }

  /**
   * @throws UserError naming every fault of the options, or of the file
   */
  public RunFolder write() {
    checkOptions();
    PublishedCsv csv = new PublishedCsv(file, layers);
    Summary summary = new Summary(basePrompt);
    csv.read(summary::add);
    summary.checkSteered(file);
    RunFolder folder = new RunFolder(run);
    folder.prepare();
    RunManifest manifest = manifest(summary);
    RowWriter writer = new RowWriter(folder, manifest, summary);
    csv.read(writer::add);
    writer.finish();
    try {
      Json.write(folder.manifestFile(), manifest);
    } catch (IOException e) {
      throw new UncheckedIOException(folder.manifestFile() + ": cannot be written: " + e, e);
    }
    return folder;
  }

  private void checkOptions() {
    Faults faults = new Faults();
    if (basePrompt.isBlank()) {
      faults.add("--base", "empty; expected the text that was continued");
    }
    if (steeringPrompt.isBlank()) {
      faults.add("--steering", "empty; expected the text whose activations were added");
    }
    for (String word : targetWords) {
      if (word.isBlank() || !word.equals(word.strip().toLowerCase(Locale.ROOT))) {
        faults.add("--target-words", "got '" + word + "', expected a lower-case word or phrase");
      }
    }
    if (layers != null && (layers < 1 || layers > PublishedCsv.MOST_LAYERS)) {
      faults.add("--layers", "got " + layers + ", expected 1.." + PublishedCsv.MOST_LAYERS);
    }
    if (!free(run)) {
      faults.add("--out", "got " + run + ", which holds something; expected a new folder");
    }
    faults.throwIfAny();
  }

  private static boolean free(Path folder) {
    if (!Files.exists(folder)) {
      return true;
    }
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
  }

  private RunManifest manifest(Summary summary) {
    Path planFile = run.resolve(PLAN_FILE);
    PublishedPlan.write(planFile, this, summary);
    SweepPlan plan = PlanReader.read(planFile);
    String hash = sha256();
    return new RunManifest(
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        planFile.toString(),
        Map.of(),
        plan,
        hash.substring(0, 16),
        null,
        new Published(
            file.toString(),
            hash,
            summary.rows(),
            layers == null ? summary.layers().last() + 1 : layers,
            summary.baseline(),
            summary.withoutBasePrompt()),
        UNIT_CELLS,
        summary.steered() + 1,
        (int) (summary.steered() / UNIT_CELLS) + 1,
        "",
        Map.of("steersweep", Release.VERSION),
        null);
  }

  private String sha256() {
    try (InputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(((DigestInputStream) in).getMessageDigest().digest());
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
