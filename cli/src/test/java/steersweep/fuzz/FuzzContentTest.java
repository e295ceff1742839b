package steersweep.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.checkpoint.FiniteWeights;
import steersweep.checkpoint.ModelConfig;
import steersweep.checkpoint.SafetensorsFile;
import steersweep.cli.FuzzFiles;
import steersweep.engine.PromptTokenizer;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.FileHashes;
import steersweep.plan.PlanReader;
import steersweep.plan.Stage;
import steersweep.plan.SweepPlan;
import steersweep.plan.Unit;
import steersweep.result.FinishedUnits;
import steersweep.result.RunFolder;
import steersweep.result.RunUnits;
import steersweep.sweep.PromptChecks;

/** Spoiled files that can be read: what is taken from them must be right, or they are refused. */
class FuzzContentTest {
  @TempDir static Path shared;
  private static FuzzFiles good;

  @TempDir Path folder;

  @BeforeAll
  static void makeGoodFiles() throws IOException {
    System.setProperty("steersweep.tokenizer.trial", "false");
    good = FuzzFiles.make(shared);
  }

  @AfterAll
  static void tryTokenizersApartAgain() {
    System.clearProperty("steersweep.tokenizer.trial");
  }

  private Path copyOfModel() throws IOException {
    return FuzzFiles.copy(good.model(), folder.resolve("model"));
  }

  @Test
  void whatEndsATextIsATokenOfTheModel() throws IOException {
    Path model = copyOfModel();
    byte[] generation =
        "{\"eos_token_id\": [2, 100], \"top_p\": 0.9}".getBytes(StandardCharsets.UTF_8);
    FuzzTest.fuzz(
        model.resolve("generation_config.json"),
        new Mutations(FuzzTest.SEED, generation)::input,
        path -> {
          ModelConfig config = ModelConfig.read(model);
          assertThat(config.eosTokens())
              .allMatch(token -> token >= 0 && token < config.shape().nVocab());
        });
  }

  @Test
  void weightsAreNumbers() throws IOException {
    byte[] file = Files.readAllBytes(good.model().resolve("model.safetensors"));
    int begin = 8 + (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    FileHashes hashes = new FileHashes(folder.resolve("kept"), (read, bytes) -> {});
    FuzzTest.fuzz(
        folder.resolve("model.safetensors"),
        number -> spoiledWeights(file, begin, number),
        path -> {
          boolean right = finite(Files.readAllBytes(path), begin);
          Faults faults = new Faults();
          SafetensorsFile read = SafetensorsFile.read(path, faults);
          try {
            FiniteWeights.check(read.tensors(), hashes, folder.resolve("file/without"));
            assertThat(right).isTrue();
          } catch (UserError e) {
            assertThat(right).isFalse();
            throw e;
          }
        });
  }

  /** Bits of the exponent are the likeliest. */
  private static byte[] spoiledWeights(byte[] file, int begin, int number) {
    Random random = new Random(FuzzTest.SEED + number);
    byte[] spoiled = file.clone();
    for (int i = 0; i < number % 4; i++) {
      int at = begin + 4 * random.nextInt((file.length - begin) / 4);
      spoiled[at + 3] |= (byte) (random.nextBoolean() ? 0x7f : 1 << random.nextInt(8));
      spoiled[at + 2] |= (byte) (random.nextBoolean() ? 0x80 : 1 << random.nextInt(8));
    }
    return spoiled;
  }

  private static boolean finite(byte[] file, int begin) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = begin; at < file.length; at += 4) {
      if (!Float.isFinite(bytes.getFloat(at))) {
        return false;
      }
    }
    return true;
  }

  @Test
  void tokensAreTheModelsAndTheSameEachTime() throws IOException {
    Path model = copyOfModel();
    ModelConfig config = ModelConfig.read(model);
    SweepPlan plan = PlanReader.read(good.plan());
    byte[] json = Files.readAllBytes(model.resolve("tokenizer.json"));
    String text = new String(json, StandardCharsets.UTF_8);
    byte[] random =
        text.replace("\"dropout\" : null", "\"dropout\" : 0.5").getBytes(StandardCharsets.UTF_8);
    FuzzTest.fuzz(
        model.resolve("tokenizer.json"),
        new Mutations(FuzzTest.SEED, json, random)::input,
        path -> {
          try (PromptTokenizer tokenizer = PromptTokenizer.open(model)) {
            Faults faults = new Faults();
            PromptChecks.check(
                plan, tokenizer, config.shape(), config.own().lengthKey(), path.toString(), faults);
            faults.throwIfAny();
            for (int i = 0; i < 5; i++) {
              int[] ids = tokenizer.encode("I ate");
              assertThat(ids).isEqualTo(tokenizer.encode("I ate"));
              assertThat(Arrays.stream(ids)).allMatch(id -> id < config.shape().nVocab());
            }
          }
        });
  }

  private static String rows(Consumer<Consumer<GenericRecord>> reader) {
    StringBuilder rows = new StringBuilder();
    reader.accept(row -> rows.append(row).append('\n'));
    return rows.toString();
  }

  @Test
  void readingsOfARunAreWhatWasWrittenOrSetAside() throws IOException {
    RunFolder run = good.copyOfRun(folder.resolve("run"));
    Unit unit = unit(run, Stage.SCREEN);
    spoil(run, unit, run.readingsFile(unit), run::readReadings);
  }

  @Test
  void textsOfARunAreWhatWasWrittenOrSetAside() throws IOException {
    RunFolder run = good.copyOfRun(folder.resolve("run"));
    Unit unit = unit(run, Stage.WRITE);
    spoil(run, unit, run.completionsFile(unit), run::readCompletions);
  }

  @Test
  void scoresOfARunAreWhatWasWrittenOrSetAside() throws IOException {
    RunFolder run = good.copyOfRun(folder.resolve("run"));
    Unit unit = unit(run, Stage.WRITE);
    spoil(run, unit, run.scoresFile(unit), run::readScores);
  }

  private static Unit unit(RunFolder run, Stage stage) {
    return RunUnits.of(run).all(stage).get(0);
  }

  /** What is in the run folder is put back after each input that was refused. */
  private static void spoil(
      RunFolder run, Unit unit, Path file, Consumer<Consumer<GenericRecord>> reader)
      throws IOException {
    FinishedUnits finished = new FinishedUnits(run, run.manifest().key());
    String before = rows(reader);
    assertThat(before).isNotEmpty();
    FuzzTest.fuzz(
        file,
        new Mutations(FuzzTest.SEED, Files.readAllBytes(file))::input,
        path -> {
          List<String> damaged = finished.setAsideDamaged(List.of(unit));
          if (damaged.isEmpty()) {
            assertThat(rows(reader)).isEqualTo(before);
            return;
          }
          assertThat(run.file(unit)).doesNotExist();
          putBack(run, run.file(unit));
          if (unit.stage() == Stage.WRITE) {
            putBack(run, run.scoresFile(unit));
          }
          throw new UserError(damaged);
        });
  }

  private static void putBack(RunFolder run, Path file) throws IOException {
    Path written = good.run().path().resolve(run.path().relativize(file));
    Files.copy(written, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
