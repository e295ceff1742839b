package steersweep.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.error.UserError;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;
import steersweep.result.IoFaults;
import steersweep.result.TextFile;

/**
 * Cells given one by one, in token ids: {@code {"base_ids": [..], "steering_ids": [..],
 * "new_tokens": 12, "cells": [{"hook": "value", "layer": 3, "head": null, "scale": 5.0,
 * "positions": "lw2023"}, ..]}}; and, if cells are to be read along axes, {@code "axes": [{"plus":
 * [[..], ..], "minus": [[..], ..]}, ..]}, each side a list of prompts in token ids.
 */
record CellsFile(
    int[] baseIds, int[] steeringIds, int newTokens, List<Entry> cells, List<Sides> axes) {
  /** One cell, with the JSON it came from, which results repeat. */
  record Entry(Site site, double scale, PositionRule positions, JsonNode json) {}

  /** What an axis leads to and away from: prompts in token ids. */
  record Sides(List<int[]> plus, List<int[]> minus) {}

  /**
   * @throws UserError with every fault at once
   */
  static CellsFile read(Path file, ModelShape shape) {
    JsonNode root = json(file);
    Faults faults = new Faults();
    Reader reader = new Reader(file, shape, faults);
    int[] base = reader.ids("base_ids", root.path("base_ids"), shape.maxPositions() - 1);
    int[] steering = reader.ids("steering_ids", root.path("steering_ids"), shape.maxPositions());
    int newTokens = root.path("new_tokens").asInt();
    int most = Math.max(1, shape.maxPositions() - base.length);
    if (newTokens < 1 || newTokens > most) {
      faults.add(file + ": new_tokens", got(root.path("new_tokens"), "1.." + most));
    }
    List<Entry> cells = new ArrayList<>();
    int index = 0;
    for (JsonNode cell : root.path("cells")) {
      Entry entry = reader.cell(cell, index++);
      if (entry != null) {
        cells.add(entry);
      }
    }
    List<Sides> axes = new ArrayList<>();
    for (JsonNode axis : root.path("axes")) {
      String where = "axes[" + axes.size() + "].";
      int longest = shape.maxPositions() - newTokens;
      axes.add(
          new Sides(
              reader.prompts(where + "plus", axis.path("plus"), longest),
              reader.prompts(where + "minus", axis.path("minus"), longest)));
    }
    faults.throwIfAny();
    return new CellsFile(base, steering, newTokens, cells, axes);
  }

  private static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(TextFile.read(file));
    } catch (JsonProcessingException e) {
      throw new UserError(file.toString(), "not JSON; " + e.getOriginalMessage(), e);
    } catch (NoSuchFileException e) {
      throw new UserError(file.toString(), "no such file; expected cells", e);
    } catch (IOException e) {
      throw new UserError(file.toString(), "cannot be read; " + IoFaults.words(e), e);
    }
  }

  private static String got(JsonNode value, String expected) {
    return value.isMissingNode()
        ? "missing; expected " + expected
        : "got " + value + ", expected " + expected;
  }

  private record Reader(Path file, ModelShape shape, Faults faults) {
    List<int[]> prompts(String key, JsonNode prompts, int most) {
      List<int[]> ids = new ArrayList<>();
      for (JsonNode prompt : prompts) {
        ids.add(ids(key + "[" + ids.size() + "]", prompt, most));
      }
      if (ids.isEmpty()) {
        faults.add(file + ": " + key, "missing or empty; expected prompts in token ids");
      }
      return ids;
    }

    int[] ids(String key, JsonNode given, int most) {
      List<Integer> ids = new ArrayList<>();
      for (JsonNode id : given) {
        if (!id.isInt() || id.asInt() < 0 || id.asInt() >= shape.nVocab()) {
          faults.add(
              file + ": " + key, "got " + id + ", expected token ids 0.." + (shape.nVocab() - 1));
        }
        ids.add(id.asInt());
      }
      if (ids.isEmpty()) {
        faults.add(file + ": " + key, "missing or empty; expected token ids");
      }
      if (ids.size() > most) {
        faults.add(
            file + ": " + key,
            "too long for the model; got " + ids.size() + " token ids, expected at most " + most);
      }
      return shape.prompt(ids.stream().mapToInt(Integer::intValue).toArray());
    }

    @Nullable Entry cell(JsonNode cell, int index) {
      String where = file + ": cells[" + index + "].";
      String hook = cell.path("hook").asText();
      HookPoint hookPoint = HookPoint.of(hook).orElse(null);
      if (hookPoint == null) {
        faults.add(
            where + "hook",
            "unknown; got '" + hook + "', " + Suggest.among(hook, HookPoint.words()));
        return null;
      }
      String rule = cell.path("positions").asText("lw2023");
      PositionRule positions = PositionRule.of(rule).orElse(null);
      if (positions == null) {
        faults.add(
            where + "positions",
            "unknown; got '" + rule + "', " + Suggest.among(rule, PositionRule.words()));
        return null;
      }
      int layer = number(where + "layer", cell.path("layer"), hookPoint.layers(shape));
      JsonNode head = cell.path("head");
      boolean all = head.isNull() || head.isMissingNode();
      int chosen =
          all
              ? Site.ALL_HEADS
              : number(where + "head", head, hookPoint.hasHeads() ? hookPoint.heads(shape) : 0);
      if (!cell.path("scale").isNumber()) {
        faults.add(where + "scale", got(cell.path("scale"), "a number"));
      }
      return new Entry(
          new Site(hookPoint, layer, chosen), cell.path("scale").asDouble(), positions, cell);
    }

    private int number(String where, JsonNode value, int limit) {
      if (!value.isInt() || value.asInt() < 0 || value.asInt() >= limit) {
        faults.add(
            where,
            got(value, limit == 0 ? "null: the hook point has no heads" : "0.." + (limit - 1)));
        return 0;
      }
      return value.asInt();
    }
  }
}
