package steersweep.score;

import java.util.List;

/**
 * What a run's results say: the whole way from tables to findings.
 *
 * @param scores every site at every scale, judged; in the order of hook point, layer, head, scale
 * @param findings the answer
 * @param equalDose the sites compared at equal doses
 */
public record Analysis(List<SiteScore> scores, Findings findings, EqualDose equalDose) {
  public Analysis {
    scores = List.copyOf(scores);
  }

  /**
   * @param layers of the model: what is an early and what a late layer
   */
  public static Analysis of(ResultTables tables, int layers) {
    EffectGrid grid = EffectGrid.of(tables);
    List<SiteScore> scores = SiteScores.of(grid);
    EqualDose equalDose = new EqualDose(grid, scores);
    return new Analysis(scores, Findings.of(scores, grid, equalDose, tables, layers), equalDose);
  }
}
