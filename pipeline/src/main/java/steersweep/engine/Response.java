package steersweep.engine;

/**
 * What a cell does to the model along a given text: at each of its tokens q is the steered model's
 * distribution over the next word, q0 the unsteered one's, d = log q - log q0; of an axis, w = p+ -
 * p- and a = log p+ - log p-. Means are over tokens.
 *
 * @param departure where the cell's own text leaves the given one
 * @param damage mean of KL(q0 || q), nats
 * @param damageLast the same at the prompt's last token
 * @param pulls for each axis, mean of the sum of w d over words, nats: how far steering moves the
 *     model along the axis
 * @param alignments for each axis, the covariance of a and d under q0 over the root of the product
 *     of their variances, each summed over tokens: -1 to 1; 0 where nothing changes
 * @param promptingPulls for each axis, the pull that the axis' own prompts have, whatever the cell
 */
public record Response(
    Departure departure,
    double damage,
    double damageLast,
    double[] pulls,
    double[] alignments,
    double[] promptingPulls) {
  /** Of a cell that is not steered: it does nothing. */
  static Response nothing(int tokens, double[] promptingPulls) {
    int axes = promptingPulls.length;
    return new Response(
        Departure.of(tokens, Departure.NONE, Double.POSITIVE_INFINITY),
        0,
        0,
        new double[axes],
        new double[axes],
        promptingPulls);
  }
}
