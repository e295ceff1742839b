package steersweep.report;

import java.nio.file.Path;
import steersweep.DemoSizedRun;

/** Writes reports of made-up demo-sized runs, to be looked at: {@code PreviewMain <folder>}. */
final class PreviewMain {
  private PreviewMain() {}

  public static void main(String[] arguments) {
    Path folder = Path.of(arguments[0]);
    for (boolean nothing : new boolean[] {false, true}) {
      Path run = folder.resolve("20261123-101500-demo" + (nothing ? "-nothing" : ""));
      Reports.write(DemoSizedRun.write(run, nothing)).lines().forEach(System.out::println);
    }
  }
}
