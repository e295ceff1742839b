package steersweep.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A page of headings, sentences, lists and tables, as Markdown or as HTML. Texts are plain. */
final class Document {
  private sealed interface Part permits Heading, Sentence, Points, Rows {}

  private record Heading(String text) implements Part {}

  private record Sentence(String text) implements Part {}

  private record Points(List<String> lines) implements Part {}

  /**
   * A table.
   *
   * @param numbers which columns are numbers
   */
  private record Rows(List<String> header, Set<Integer> numbers, List<List<String>> rows)
      implements Part {}

  private final String title;
  private final List<Part> parts = new ArrayList<>();

  Document(String title) {
    this.title = title;
  }

  Document heading(String text) {
    parts.add(new Heading(text));
    return this;
  }

  Document sentence(String text) {
    parts.add(new Sentence(text));
    return this;
  }

  Document points(List<String> lines) {
    parts.add(new Points(List.copyOf(lines)));
    return this;
  }

  /**
   * @param numbers which columns are numbers
   */
  Document table(List<String> header, Set<Integer> numbers, List<List<String>> rows) {
    parts.add(new Rows(header, numbers, List.copyOf(rows)));
    return this;
  }

  String markdown() {
    StringBuilder out = new StringBuilder("# ").append(Markdown.escape(title)).append("\n");
    for (Part part : parts) {
      out.append("\n");
      if (part instanceof Heading heading) {
        out.append("## ").append(Markdown.escape(heading.text())).append("\n");
      } else if (part instanceof Sentence sentence) {
        out.append(Markdown.escape(sentence.text())).append("\n");
      } else if (part instanceof Points points) {
        points.lines().forEach(line -> out.append("* ").append(Markdown.escape(line)).append("\n"));
      } else if (part instanceof Rows rows) {
        markdown(rows, out);
      }
    }
    return out.toString();
  }

  private static void markdown(Rows rows, StringBuilder out) {
    out.append(Markdown.row(rows.header().stream().map(Markdown::escape).toList())).append("|");
    for (int i = 0; i < rows.header().size(); i++) {
      out.append(rows.numbers().contains(i) ? "--:|" : "---|");
    }
    out.append("\n");
    rows.rows()
        .forEach(row -> out.append(Markdown.row(row.stream().map(Markdown::escape).toList())));
  }

  String html() {
    Html body = new Html().leaf("h1", title);
    for (Part part : parts) {
      if (part instanceof Heading heading) {
        body.leaf("h3", heading.text());
      } else if (part instanceof Sentence sentence) {
        body.leaf("p", sentence.text());
      } else if (part instanceof Points points) {
        body.open("ul");
        points.lines().forEach(line -> body.leaf("li", line));
        body.close();
      } else if (part instanceof Rows rows) {
        html(rows, body);
      }
      body.line();
    }
    return Template.filled(
        "comparison.html",
        Map.of(
            "title", Html.escape(title),
            "style", Template.text("page.css"),
            "body", body.toString()));
  }

  private static void html(Rows rows, Html body) {
    body.open("div", "class", "scroll").open("table", "class", "compared").columns(rows.header());
    for (List<String> row : rows.rows()) {
      body.open("tr");
      for (int i = 0; i < row.size(); i++) {
        body.leaf("td", row.get(i), "class", rows.numbers().contains(i) ? "number" : "words");
      }
      body.close().line();
    }
    body.close().close().close();
  }
}
