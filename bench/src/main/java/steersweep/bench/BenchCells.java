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
 * @param pairs for each prompt pair: base prompt, steering prompt
 */
record BenchCells(int newTokens, List<int[][]> pairs, List<Entry> cells) {
  /** A cell at the value hook, with the position rule of the original work. */
  record Entry(int pair, Site site, double scale) {
    PositionRule positions() {
      return PositionRule.LW2023;
    }
  }

  static BenchCells read(Path file) throws IOException {
    JsonNode root = new ObjectMapper().readTree(file.toFile());
    List<int[][]> pairs = new ArrayList<>();
    for (JsonNode pair : root.path("pairs")) {
      pairs.add(new int[][] {ids(pair.path("base")), ids(pair.path("steering"))});
    }
    List<Entry> cells = new ArrayList<>();
    for (JsonNode cell : root.path("cells")) {
      int head = cell.path("head").asInt(Site.ALL_HEADS);
      Site site = new Site(HookPoint.VALUE, cell.path("layer").asInt(), head);
      cells.add(new Entry(cell.path("pair").asInt(), site, cell.path("scale").asDouble()));
    }
    return new BenchCells(root.path("new_tokens").asInt(), pairs, cells);
  }

  private static int[] ids(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
