package steersweep.score;

import java.util.List;

/** Judges the five claims of the 2023 work. */
final class Claims {
  private final EffectGrid grid;
  private final List<SiteScore> scores;
  private final Recommendation recommendation;
  private final ResultTables tables;
  private final int layers;

  Claims(
      EffectGrid grid,
      List<SiteScore> scores,
      Recommendation recommendation,
      ResultTables tables,
      int layers) {
    this.grid = grid;
    this.scores = scores;
    this.recommendation = recommendation;
    this.tables = tables;
    this.layers = layers;
  }

  List<Claim> all() {
    return List.of();
  }
}
