package steersweep.report;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/** The frame around everything that {@code report.html} says: one file, no network. */
final class Page {
  private Page() {}

  /**
   * The whole page.
   *
   * @param name of the plan, not escaped
   * @param cells texts of all cells
   * @param reading how to read it, HTML
   * @param facts run facts, HTML
   */
  static String html(String name, Html body, CellTexts.Packed cells, String reading, Html facts) {
    String script = Template.text("page.js");
    return Template.filled(
        "page.html",
        Map.of(
            "title",
            Html.escape(name + " – steersweep report"),
            "style",
            Template.text("page.css") + Figure.pageStyle(),
            "script",
            script,
            "script_hash",
            sha256(script),
            "body",
            body.toString(),
            "cells",
            cells.data(),
            "reading",
            reading,
            "facts",
            facts.toString()));
  }

  /** The top: what was run. Opens the section of the verdict, which the caller closes. */
  static void top(
      Html body, String name, String runName, Map<String, String> facts, boolean works) {
    body.open("header").leaf("p", "steersweep report", "class", "kicker");
    body.leaf("h1", name).leaf("p", runName, "class", "run");
    body.open("dl", "class", "key-facts");
    facts.forEach((of, value) -> body.open("div").leaf("dt", of).leaf("dd", value).close());
    body.close().close();
    body.open("section", "id", "verdict", "class", works ? "verdict" : "verdict nothing");
    body.leaf("p", "In one minute", "class", "kicker");
  }

  /** For the page's own policy, under which no other script runs. */
  private static String sha256(String script) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
