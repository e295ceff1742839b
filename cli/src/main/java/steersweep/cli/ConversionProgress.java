package steersweep.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import steersweep.checkpoint.ConvertedWeights;
import steersweep.model.Dtype;

/**
 * Shows how far a conversion of weights is: a bar on a terminal, a line at its start and end
 * elsewhere; nothing where there is nothing to convert.
 */
final class ConversionProgress implements ConvertedWeights.Progress, AutoCloseable {
  private static final long MEGABYTE = 1_000_000;

  /** Takes a second or more. */
  private static final long WORTH_A_LINE = 1000 * MEGABYTE;

  private final Dtype dtype;
  private final PrintStream out;
  private final boolean terminal;
  private @Nullable ProgressBar bar;
  private boolean started;

  /**
   * @param out standard error
   * @param terminal whether it is one
   */
  ConversionProgress(Dtype dtype, PrintStream out, boolean terminal) {
    this.dtype = dtype;
    this.out = out;
    this.terminal = terminal;
  }

  static ConversionProgress onStandardError(Dtype dtype) {
    return new ConversionProgress(dtype, System.err, Boolean.getBoolean("steersweep.terminal"));
  }

  @Override
  public void converted(long bytesDone, long bytesInAll) {
    if (!started) {
      started = true;
      start(bytesInAll);
    }
    if (bar != null) {
      bar.stepTo(bytesDone);
    }
    if (bytesDone == bytesInAll && !terminal) {
      out.println("converted");
    }
  }

  @Override
  public void reading(Path file, long bytes) {
    if (bytes >= WORTH_A_LINE) {
      out.printf("reading   %s once, %sB, to know it again%n", file, Quantity.withSpace(bytes));
    }
  }

  @Override
  public void damaged(Path file) {
    out.printf("damaged   %s: is made again%n", file);
  }

  private void start(long bytesInAll) {
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("converting to " + dtype.word())
              .setInitialMax(bytesInAll)
              .setUnit(" MB", MEGABYTE)
              .showSpeed()
              .setStyle(ProgressBarStyle.ASCII)
              .setConsumer(new ConsoleProgressBarConsumer(out))
              .build();
    } else {
      out.printf("converting %sB of weights to %s%n", Quantity.withSpace(bytesInAll), dtype.word());
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
