package steersweep.published;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import steersweep.model.HookPoint;
import steersweep.plan.PositionRule;

/** The grid of a published file as a plan file: with a model, a sweep can repeat it. */
final class PublishedPlan {
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER).build());

  private static final String COMMENT =
      """
      # The grid of published results, as a plan: run it with a model to score it in full.
      # The number of new tokens is not known from the file.
      """;

  private PublishedPlan() {}

  static void write(Path planFile, CsvImport source, Summary summary) {
    Map<String, Object> concept = new LinkedHashMap<>();
    concept.put("name", name(source.file()));
    concept.put("base_prompts", List.of(source.basePrompt()));
    concept.put("steering_prompts", List.of(source.steeringPrompt()));
    if (!source.targetWords().isEmpty()) {
      concept.put("target_words", source.targetWords());
    }
    Map<String, Object> grid = new LinkedHashMap<>();
    grid.put("hook_points", summary.hookPoints().stream().map(HookPoint::word).toList());
    grid.put("layers", summary.layers());
    grid.put("settings", summary.scales());
    grid.put("positions", PositionRule.LW2023.word());
    Map<String, Object> plan = new LinkedHashMap<>();
    plan.put("name", name(source.file()));
    plan.put("concepts", List.of(concept));
    plan.put("grid", grid);
    try {
      Files.writeString(planFile, COMMENT + YAML.writeValueAsString(plan));
    } catch (IOException e) {
      throw new UncheckedIOException(planFile + ": cannot be written: " + e, e);
    }
  }

  /** The file's name as the name of a plan. */
  private static String name(Path file) {
    String name =
        String.valueOf(file.getFileName())
            .replaceFirst("\\.[^.]*$", "")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-|-$", "");
    return name.isEmpty() ? "published" : name;
  }

  /** 5 rather than 5.0. */
  static String number(double value) {
    return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }
}
