package steersweep.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import steersweep.model.HookPoint;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;

/**
 * The cells to measure, as bench.py writes them: {@code {"new_tokens": 30, "pairs": [{"base": [..],
 * "steering": [..]}, ..], "cells": [{"pair": 0, "layer": 3, "head": null, "scale": 5.0}, ..]}}.
 *
 * <p>Pairs may have a {@code contrast}, the file a {@code hook_point} and {@code positions}.
 *
 * @param pairs for each prompt pair: base prompt, steering prompt, contrast prompt or nothing
 */
record BenchCells(int newTokens, List<int[][]> pairs, List<Entry> cells) {
  record Entry(int pair, Site site, double scale, PositionRule positions) {}

  static BenchCells read(Path file) throws IOException {
    JsonNode root = new ObjectMapper().readTree(file.toFile());
    List<int[][]> pairs = new ArrayList<>();
    for (JsonNode pair : root.path("pairs")) {
      pairs.add(
          new int[][] {
            ids(pair.path("base")), ids(pair.path("steering")), ids(pair.path("contrast"))
          });
    }
    HookPoint hookPoint = HookPoint.valueOf(root.path("hook_point").asText("VALUE"));
    PositionRule positions = PositionRule.valueOf(root.path("positions").asText("LW2023"));
    List<Entry> cells = new ArrayList<>();
    for (JsonNode cell : root.path("cells")) {
      int head = cell.path("head").asInt(Site.ALL_HEADS);
      Site site = new Site(hookPoint, cell.path("layer").asInt(), head);
      cells.add(
          new Entry(cell.path("pair").asInt(), site, cell.path("scale").asDouble(), positions));
    }
    return new BenchCells(root.path("new_tokens").asInt(), pairs, cells);
  }

  private static int[] ids(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
