package steersweep.report;

import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.error.Visible;
import steersweep.result.LogitLens;

/** What the residual stream points to after each block, unsteered and steered, of the examples. */
final class LensSection {
  private LensSection() {}

  static void add(Html body, Report report) {
    LogitLens lens = report.lens();
    if (lens == null) {
      return;
    }
    body.section("lens", "Where the next word comes from");
    body.leaf(
        "p",
        "The residual stream at the base prompt’s last token, read after each block as if no more"
            + " blocks came (logit lens): the likeliest next words, with their probabilities. The"
            + " cells are those of the texts above.",
        "class",
        "note");
    List<TextExample> examples = report.examples();
    for (int i = 0; i < examples.size(); i++) {
      example(body, examples.get(i), lens.cells().get(i).blocks(), i == 0);
    }
    body.close();
  }

  private static void example(
      Html body, TextExample example, List<LogitLens.Block> blocks, boolean open) {
    if (open) {
      body.open("details", "open", "");
    } else {
      body.open("details");
    }
    body.leaf("summary", example.concept() + ": “" + example.basePrompt() + "”");
    body.open("div", "class", "scroll").open("table", "class", "facts lens").open("thead");
    body.open("tr")
        .leaf("th", "after block", "scope", "col")
        .leaf("th", "unsteered", "scope", "col")
        .leaf("th", "steered", "scope", "col")
        .close()
        .close()
        .open("tbody");
    for (int layer = 0; layer < blocks.size(); layer++) {
      LogitLens.Block block = blocks.get(layer);
      body.open("tr").leaf("th", String.valueOf(layer), "scope", "row");
      words(body, block.unsteered(), null);
      words(body, block.steered(), block.unsteered());
      body.close();
    }
    body.close().close().close().close();
  }

  /**
   * @param others words that are not marked; null to mark none
   */
  private static void words(
      Html body, List<LogitLens.Word> words, @Nullable List<LogitLens.Word> others) {
    body.open("td");
    for (int i = 0; i < words.size(); i++) {
      LogitLens.Word word = words.get(i);
      boolean known =
          others == null || others.stream().anyMatch(other -> other.text().equals(word.text()));
      String text = Visible.text(word.text());
      body.text(i == 0 ? "" : " · ");
      if (known) {
        body.leaf("span", text);
      } else {
        body.leaf("mark", text);
      }
      body.text(" " + Math.round(100 * Math.exp(word.logprob())) + " %");
    }
    body.close();
  }
}
