package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cells in token ids; that their numbers are right is for {@link ExactnessTest}. */
class CellsCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path shared;
  private static Path model;

  @TempDir Path folder;

  @BeforeAll
  static void writeModel() throws IOException {
    model = TestCheckpoint.write(shared.resolve("model"));
  }

  @Test
  void eachCellIsRepeatedWithItsResults() throws IOException {
    String one = "{\"hook\": \"value\", \"layer\": 0, \"head\": 1, \"scale\": 4.5}";
    String two =
        "{\"hook\": \"mlp_output\", \"layer\": 1, \"head\": null, \"scale\": -2,"
            + " \"positions\": \"mean\", \"note\": \"kept\"}";

    CommandRun run = cells(file("[1, 70, 80]", "[1, 90]", 5, one, two));

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    JsonNode result = JSON.readTree(run.out());
    assertThat(names(result)).containsExactly("device", "dtype", "baseline", "cells");
    assertThat(names(result.get("baseline"))).containsExactly("tokens", "logprobs");
    assertResults(result.get("baseline"));
    assertThat(result.get("cells")).hasSize(2);
    assertThat(names(result.get("cells").get(0)))
        .containsExactly(
            "hook", "layer", "head", "scale", "tokens", "logprobs", "damage_last", "damage");
    assertThat(names(result.get("cells").get(1)))
        .containsExactly(
            "hook",
            "layer",
            "head",
            "scale",
            "positions",
            "note",
            "tokens",
            "logprobs",
            "damage_last",
            "damage");
    for (JsonNode cell : result.get("cells")) {
      assertResults(cell);
      assertThat(cell.get("damage_last").asDouble()).isPositive();
      assertThat(cell.get("logprobs")).isNotEqualTo(result.get("baseline").get("logprobs"));
    }
    assertThat(result.get("cells").get(1).get("note").asText()).isEqualTo("kept");
  }

  @Test
  void scaleZeroIsBitEqualToTheBaselineAtEveryHookPointInTheSameBatchAsOthers() throws IOException {
    String steered = "{\"hook\": \"value\", \"layer\": 1, \"scale\": 7}";
    List<String> hooks =
        List.of("value", "head_output", "attention_output", "mlp_output", "residual_post");
    String zeros =
        hooks.stream()
            .map(hook -> "{\"hook\": \"" + hook + "\", \"layer\": 1, \"scale\": 0}")
            .collect(Collectors.joining(","));

    CommandRun run = cells(file("[1, 70, 80, 33]", "[1, 90, 77]", 8, zeros, steered));

    assertThat(run.code()).isZero();
    JsonNode result = JSON.readTree(run.out());
    for (int i = 0; i < hooks.size(); i++) {
      JsonNode cell = result.get("cells").get(i);
      assertThat(cell.get("tokens")).isEqualTo(result.get("baseline").get("tokens"));
      assertThat(cell.get("logprobs")).isEqualTo(result.get("baseline").get("logprobs"));
      assertThat(cell.get("damage_last").asDouble()).isZero();
    }
    assertThat(result.get("cells").get(hooks.size()).get("logprobs"))
        .isNotEqualTo(result.get("baseline").get("logprobs"));
  }

  @Test
  void everyFaultIsReportedAtOnce() throws IOException {
    CommandRun run =
        cells(
            file(
                "[]",
                "[1, 259, -1]",
                97,
                "{\"hook\": \"valu\", \"layer\": 0, \"scale\": 1}",
                "{\"hook\": \"value\", \"layer\": 2, \"head\": 2, \"scale\": \"big\"}",
                "{\"hook\": \"residual_post\", \"layer\": 1, \"head\": 0, \"scale\": 1}",
                "{\"hook\": \"value\", \"layer\": 1, \"scale\": 1, \"positions\": \"first\"}",
                "{\"hook\": \"head_output\", \"layer\": -1, \"head\": 4}"));

    assertThat(run.err())
        .isEqualTo(
            """
            error: TMP/cells.json: base_ids: missing or empty; expected token ids
            error: TMP/cells.json: steering_ids: got 259, expected token ids 0..258
            error: TMP/cells.json: steering_ids: got -1, expected token ids 0..258
            error: TMP/cells.json: new_tokens: got 97, expected 1..96
            error: TMP/cells.json: cells[0].hook: unknown; got 'valu', did you mean 'value'? (choices: value, head_output, attention_output, mlp_output, residual_post, cross_value, cross_attention_output, encoder_value, encoder_head_output, encoder_attention_output, encoder_mlp_output, encoder_residual_post)
            error: TMP/cells.json: cells[1].layer: got 2, expected 0..1
            error: TMP/cells.json: cells[1].head: got 2, expected 0..1
            error: TMP/cells.json: cells[1].scale: got "big", expected a number
            error: TMP/cells.json: cells[2].head: got 0, expected null: the hook point has no heads
            error: TMP/cells.json: cells[3].positions: unknown; got 'first', (choices: lw2023, prompt, mean, last)
            error: TMP/cells.json: cells[4].layer: got -1, expected 0..1
            error: TMP/cells.json: cells[4].head: got 4, expected 0..3
            error: TMP/cells.json: cells[4].scale: missing; expected a number
            """);
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void baseAndNewTokensMustFitTheModelTogether() throws IOException {
    String base = Collections.nCopies(90, "70").toString();

    CommandRun tooMany = cells(file(base, "[1]", 7));
    CommandRun fitting = cells(file(base, "[1]", 6));

    assertThat(tooMany.err())
        .isEqualTo("error: TMP/cells.json: new_tokens: got 7, expected 1..6\n");
    assertThat(tooMany.code()).isEqualTo(2);
    assertThat(fitting.err()).isEmpty();
    assertThat(JSON.readTree(fitting.out()).get("baseline").get("tokens")).hasSize(6);
  }

  @Test
  void promptsMustFitTheModel() throws IOException {
    String base = Collections.nCopies(96, "70").toString();
    String steering = Collections.nCopies(97, "70").toString();

    CommandRun run = cells(file(base, steering, 1));

    assertThat(run.err())
        .isEqualTo(
            """
            error: TMP/cells.json: base_ids: too long for the model; got 96 token ids, expected at most 95
            error: TMP/cells.json: steering_ids: too long for the model; got 97 token ids, expected at most 96
            """);
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void aFileThatIsMissingOrNotJsonIsNamed() throws IOException {
    CommandRun missing = cells(folder.resolve("none.json"));
    CommandRun broken = cells(Files.writeString(folder.resolve("cells.json"), "{\"cells\": none}"));

    assertThat(missing.err()).isEqualTo("error: TMP/none.json: no such file; expected cells\n");
    assertThat(missing.code()).isEqualTo(2);
    assertThat(broken.err())
        .isEqualTo(
            "error: TMP/cells.json: not JSON; Unrecognized token 'none': was expecting (JSON"
                + " String, Number, Array, Object or token 'null', 'true' or 'false')\n");
    assertThat(broken.code()).isEqualTo(2);
  }

  @Test
  void batchesHoldAtLeastOneCell() throws IOException {
    CommandRun run = cells(file("[1]", "[1]", 1), "--batch-size", "0");

    assertThat(run.err()).isEqualTo("error: --batch-size: got 0, expected at least 1\n");
    assertThat(run.code()).isEqualTo(2);
  }

  private CommandRun cells(Path file, String... more) {
    List<String> args =
        ImmutableList.<String>builder()
            .add("cells", model.toString(), file.toString())
            .add(more)
            .build();
    return CommandRun.of(args.toArray(String[]::new)).in(folder);
  }

  private Path file(String baseIds, String steeringIds, int newTokens, String... cells)
      throws IOException {
    return Files.writeString(
        folder.resolve("cells.json"),
        """
        {"base_ids": %s, "steering_ids": %s, "new_tokens": %d, "cells": [%s]}
        """
            .formatted(baseIds, steeringIds, newTokens, String.join(", ", cells)));
  }

  private static List<String> names(JsonNode object) {
    return ImmutableList.copyOf(object.fieldNames());
  }

  private static void assertResults(JsonNode result) {
    assertThat(result.get("tokens"))
        .hasSize(5)
        .allMatch(token -> token.isInt() && token.asInt() < TestCheckpoint.VOCAB);
    assertThat(result.get("logprobs")).hasSize(5).allMatch(logprob -> logprob.asDouble() < 0);
  }
}
