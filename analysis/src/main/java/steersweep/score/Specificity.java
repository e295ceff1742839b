package steersweep.score;

import java.util.List;

/**
 * Whether steering is specific: pull along every concept's axis, control taken off, each concept
 * steered at its own recommended site.
 *
 * @param concepts in the plan's order
 * @param rows of each concept that has a site, the pull along each axis
 */
public record Specificity(List<String> concepts, List<Row> rows) {
  public Specificity {
    concepts = List.copyOf(concepts);
    rows = List.copyOf(rows);
  }

  /**
   * @param pulls along the axis of each concept, nats per token
   */
  public record Row(String concept, Point point, List<Interval> pulls) {
    public Row {
      pulls = List.copyOf(pulls);
    }
  }
}
