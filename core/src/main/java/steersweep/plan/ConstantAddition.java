package steersweep.plan;

import steersweep.model.ModelShape;

/**
 * What is added at a site, the same at every position.
 *
 * @param direction [width of the hook point], zero outside of the site's head
 * @param factor what it is multiplied by
 */
public record ConstantAddition(Site site, float[] direction, double factor) {
  /** The direction cut to the site's head. */
  public static ConstantAddition of(ModelShape shape, Site site, float[] direction, double factor) {
    float[] cut = direction.clone();
    if (!site.allHeads()) {
      int head = site.head() * shape.dHead();
      for (int i = 0; i < cut.length; i++) {
        if (i < head || i >= head + shape.dHead()) {
          cut[i] = 0;
        }
      }
    }
    return new ConstantAddition(site, cut, factor);
  }

  /** Direction times factor, multiplied in float32 as a sweep does: [width]. */
  public float[] scaled() {
    float[] scaled = new float[direction.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = direction[i] * (float) factor;
    }
    return scaled;
  }
}
