package steersweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import steersweep.checkpoint.Checkpoint;
import steersweep.device.DeviceChoice;
import steersweep.device.Host;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.error.UserError;
import steersweep.model.Dtype;
import steersweep.model.ModelManifest;
import steersweep.plan.CellKind;
import steersweep.plan.DoseUnit;
import steersweep.plan.SweepPlan;
import steersweep.result.FactorRow;
import steersweep.result.Factors;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.take.SteeredTexts;
import steersweep.take.Taken;

/** Takes what a sweep found out of its run, for use without this program. */
@Command(
    name = "take",
    description = {
      "Take a steering out of a run, for use elsewhere: steering.safetensors (a vector and its"
          + " factor), baked (a checkpoint folder that is steered by its own biases; loads as any"
          + " model) and control_vector.gguf (for llama.cpp). steering.json says what they are.",
      "Before anything is written the baked checkpoint is run beside the steered model, on every base"
          + " prompt of the concept; what differs is printed.",
      "Possible for positions: mean and last, which add the same everywhere."
    })
final class TakeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "Run folder, such as runs/latest.")
  private Path path;

  @Option(
      names = "--concept",
      paramLabel = "NAME",
      description = "Which concept (default: the only one).")
  private @Nullable String concept;

  @Option(
      names = "--steering-prompt",
      paramLabel = "N",
      description = "Which of the concept's steering prompts, from 1 (default: the first).")
  private @Nullable Integer steeringPrompt;

  @Option(
      names = "--site",
      paramLabel = "SITE",
      description =
          "Where: "
              + SiteWord.EXPECTED
              + " (default: the site that the report recommends, if it is confirmed).")
  private @Nullable String site;

  @Option(
      names = "--setting",
      paramLabel = "X",
      description = "One of the plan's settings (default: the recommended one, or the only one).")
  private @Nullable Double setting;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "A new folder.")
  private Path out;

  @Option(
      names = "--formats",
      split = ",",
      paramLabel = "NAME",
      description = "steering, baked, gguf (default: those that the site can be taken in).")
  private @Nullable List<String> formats;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Where the checkpoint is now (default: where it was).")
  private @Nullable Path model;

  @Mixin private WeightOptions weights;
  @Mixin private DeviceOption device;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Faults faults = new Faults();
    Dtype asked = weights.chosen(faults);
    device.check(faults);
    checkOut(faults);
    List<TakeFormat> wanted = wanted(faults);
    ReportCommand.checkRun(path, faults);
    faults.throwIfAny();
    RunFolder run = new RunFolder(path.toRealPath());
    RunManifest manifest = run.manifest();
    ModelManifest begunWith = manifest.model();
    if (begunWith == null) {
      throw new UserError(path.toString(), "published results; there is no model to steer");
    }
    TakeChoice choice =
        TakeChoice.of(
            run, manifest, begunWith, new TakeChoice.Given(concept, steeringPrompt, site, setting));
    Checkpoint checkpoint = Checkpoint.open(model == null ? OpenRun.checkpoint(run) : model);
    Map<TakeFormat, String> refused = refusals(checkpoint, choice, wanted);
    DeviceChoice on = device.choose(Host.here());
    Dtype dtype = asked == null ? begunWith.dtype() : asked;
    SweepPlan plan = manifest.plan();
    try (TemporaryExport exported =
            TemporaryExport.of(
                checkpoint, List.of(choice.site().hookPoint()), weights, dtype, on.device());
        Engine engine = Engine.open(exported.folder(), on.processors().get(0), 0);
        PromptTokenizer tokenizer =
            PromptTokenizer.open(checkpoint.folder(), checkpoint.config().shape())) {
      requireSameModel(exported.manifest(), begunWith);
      Taken taken =
          Taken.of(
              engine,
              tokenizer,
              choice.concept().basePrompts(),
              choice.steering(),
              choice.site(),
              plan.positions(),
              plan.dose() == DoseUnit.KL ? DoseUnit.RAW : plan.dose(),
              plan.dose() == DoseUnit.KL ? solved(run, choice) : choice.setting());
      SteeredTexts steered =
          SteeredTexts.of(
              engine,
              tokenizer,
              choice.concept().basePrompts(),
              taken.addition(),
              new SteeredTexts.Length(
                  plan.newTokens(), plan.stopAtEos() ? begunWith.eosTokens() : List.of()));
      TakeFacts facts = TakeFacts.of(run, manifest, choice, taken, steered);
      PrintWriter console = spec.commandLine().getOut();
      facts.lines().forEach(console::println);
      TakeJob job =
          new TakeJob(
              checkpoint,
              taken.addition(),
              steered,
              engine,
              on.processors().get(0),
              console::println);
      List<TakeFormat> forms = wanted.isEmpty() ? List.of(TakeFormat.values()) : wanted;
      if (!job.write(out, forms, refused, facts.json())) {
        return Main.OUR_FAULT;
      }
      console.printf("taken     %s%n", out);
      return 0;
    }
  }

  /** The factor that the run found for a damage. */
  private static double solved(RunFolder run, TakeChoice choice) {
    FactorRow.Key key =
        new FactorRow.Key(
            choice.concept().name(),
            choice.prompt(),
            CellKind.STEERED,
            null,
            choice.site(),
            choice.setting());
    FactorRow row = Factors.of(run).find(key).orElse(null);
    Double factor = row == null ? null : row.factor();
    if (factor == null) {
      String why = row == null ? "not in " + run.factorsFile() : String.valueOf(row.message());
      throw new UserError("--setting " + choice.setting(), "has no factor: " + why);
    }
    return factor;
  }

  private void checkOut(Faults faults) throws IOException {
    if (Files.isDirectory(out)) {
      try (Stream<Path> files = Files.list(out)) {
        if (files.findAny().isPresent()) {
          faults.add("--out", "not empty; got " + out + ", expected a new folder");
        }
      }
    } else if (Files.exists(out)) {
      faults.add("--out", "not a folder; got " + out);
    }
  }

  /** Empty if nothing was asked for by name. */
  private List<TakeFormat> wanted(Faults faults) {
    if (formats == null) {
      return List.of();
    }
    for (String word : formats) {
      if (TakeFormat.of(word).isEmpty()) {
        faults.add(
            "--formats", "unknown; got '" + word + "', " + Suggest.among(word, TakeFormat.words()));
      }
    }
    return formats.stream().flatMap(word -> TakeFormat.of(word).stream()).distinct().toList();
  }

  private static void requireSameModel(ModelManifest now, ModelManifest begunWith) {
    if (!now.fingerprint().equals(begunWith.fingerprint())) {
      throw new UserError(
          now.checkpoint(),
          "not the model that the run was made with; expected that of " + begunWith.checkpoint());
    }
  }

  /** What a site cannot be taken in is an error only where it was asked for by name. */
  private static Map<TakeFormat, String> refusals(
      Checkpoint checkpoint, TakeChoice choice, List<TakeFormat> wanted) {
    Map<TakeFormat, String> refused = new EnumMap<>(TakeFormat.class);
    Faults faults = new Faults();
    for (TakeFormat format : TakeFormat.values()) {
      format
          .refusal(checkpoint, choice.site())
          .ifPresent(
              why -> {
                refused.put(format, why);
                if (wanted.contains(format)) {
                  faults.add("--formats " + format.word(), why);
                }
              });
    }
    faults.throwIfAny();
    return refused;
  }
}
