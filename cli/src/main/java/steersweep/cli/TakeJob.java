package steersweep.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import steersweep.bake.BakedCheckpoint;
import steersweep.bake.ControlVectorFile;
import steersweep.bake.SteeringFile;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.Rounding;
import steersweep.engine.Engine;
import steersweep.model.ModelManifest;
import steersweep.model.Processor;
import steersweep.plan.ConstantAddition;
import steersweep.result.Json;
import steersweep.steerable.Export;
import steersweep.steerable.ExportSettings;
import steersweep.take.SteeredTexts;
import steersweep.take.Verification;

/** Writes a steering in the forms wanted, verified, into a folder that appears whole. */
final class TakeJob {
  /** Far above rounding (1e-9 in float32, 1e-5 in float16), far below any steering's damage. */
  private static final double MOST_GAP = 1e-3;

  private static final String DESCRIPTION = "steering.json";

  private final Checkpoint checkpoint;
  private final ConstantAddition addition;
  private final SteeredTexts steered;
  private final Engine engine;
  private final Processor processor;
  private final Consumer<String> console;

  /**
   * @param steered what the steered model writes, by {@code engine}
   * @param console takes a line for each file
   */
  TakeJob(
      Checkpoint checkpoint,
      ConstantAddition addition,
      SteeredTexts steered,
      Engine engine,
      Processor processor,
      Consumer<String> console) {
    this.checkpoint = checkpoint;
    this.addition = addition;
    this.steered = steered;
    this.engine = engine;
    this.processor = processor;
    this.console = console;
  }

  /**
   * @param out a new or empty folder
   * @param refused forms that are not written, and why
   * @param description what {@code steering.json} says besides of the files
   * @return false if the baked checkpoint does not do what the sweep did; then nothing is left
   */
  boolean write(
      Path out,
      List<TakeFormat> wanted,
      Map<TakeFormat, String> refused,
      Map<String, Object> description)
      throws IOException {
    Path target = out.toAbsolutePath().normalize();
    Path parent = Objects.requireNonNull(target.getParent());
    Files.createDirectories(parent);
    Path temporary = parent.resolve("." + target.getFileName() + "." + UUID.randomUUID());
    Files.createDirectory(temporary);
    try {
      Map<String, Object> files = new LinkedHashMap<>();
      boolean holds = true;
      for (TakeFormat format : wanted) {
        String why = refused.get(format);
        if (why == null) {
          Map<String, Object> facts = new LinkedHashMap<>();
          facts.put("file", format.file());
          holds &= write(format, temporary.resolve(format.file()), facts);
          files.put(format.word(), facts);
        } else {
          say(format, "not written: " + why);
          files.put(format.word(), Map.of("refused", why));
        }
      }
      if (holds) {
        Map<String, Object> all = new LinkedHashMap<>(description);
        all.put("files", files);
        Json.writeInOrder(temporary.resolve(DESCRIPTION), all);
        Files.deleteIfExists(target);
        Files.move(temporary, target);
      }
      return holds;
    } finally {
      delete(temporary);
    }
  }

  private boolean write(TakeFormat format, Path file, Map<String, Object> facts)
      throws IOException {
    String modelType = checkpoint.config().family().modelType();
    switch (format) {
      case STEERING -> {
        SteeringFile.write(file, addition, modelType);
        say(format, format.file());
      }
      case GGUF -> {
        ControlVectorFile.write(file, addition, modelType);
        say(format, format.file());
      }
      case BAKED -> {
        return bake(file, facts);
      }
    }
    return true;
  }

  private boolean bake(Path folder, Map<String, Object> facts) throws IOException {
    Rounding rounding = BakedCheckpoint.write(checkpoint, addition, folder);
    Verification verified = verify(folder);
    facts.put("texts", verified.texts());
    facts.put("same_texts", verified.same());
    facts.put("kl", verified.kl());
    facts.put("rounding_bfloat16", rounding.bfloat16());
    facts.put("rounding_float16", rounding.float16());
    say(
        TakeFormat.BAKED,
        String.format(
            "%s: %d of %d texts are the steered model's; KL from it %.1e nats per token",
            TakeFormat.BAKED.file(), verified.same(), verified.texts(), verified.kl()));
    say(
        TakeFormat.BAKED,
        String.format(
            "its bias is stored in float32; computed in bfloat16 it is off by %.2g %%, in float16 by"
                + " %.2g %% of its norm",
            100 * rounding.bfloat16(), 100 * rounding.float16()));
    boolean holds = verified.kl() <= MOST_GAP;
    if (!holds) {
      say(TakeFormat.BAKED, "error: it does not do what the sweep did; nothing is written");
    }
    return holds;
  }

  /** Runs the folder just written as any checkpoint; what has to be converted for it is deleted. */
  private Verification verify(Path folder) throws IOException {
    Path work = folder.resolveSibling(".verify");
    ModelManifest model = engine.manifest();
    ExportSettings settings =
        new ExportSettings(
            model.hookPoints(), model.dtype(), model.device(), work, (done, all) -> {});
    try {
      Export.write(Checkpoint.open(folder), settings, work);
      try (Engine baked = Engine.open(work, processor, 0)) {
        return Verification.of(engine, steered, baked);
      }
    } finally {
      delete(work);
    }
  }

  private void say(TakeFormat format, String what) {
    console.accept(String.format("%-9s %s", format.word(), what));
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
