package steersweep.report;

/** Where the drawings with two axes have their plotting area, in units of their view box. */
final class ChartFrame {
  static final double WIDTH = 660;
  static final double HEIGHT = 360;
  static final double LEFT = 56;
  static final double RIGHT = 640;
  static final double TOP = 34;
  static final double BOTTOM = 300;

  private ChartFrame() {}
}
