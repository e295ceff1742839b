package steersweep.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import steersweep.result.RunFolder;
import steersweep.sweep.Stop;

/**
 * What happens when the process is asked to end (SIGTERM, SIGINT, a closed terminal) while units
 * are under way: no further unit is started, and those under way have some seconds to be finished.
 * What is not, is abandoned: its files never appear. A job on a cluster goes on without its client.
 */
final class Interruption implements AutoCloseable {
  private static final long GRACE_SECONDS = 10;

  /** What a shell makes of SIGTERM. */
  private static final int TERMINATED = 128 + 15;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  /**
   * @param alone whether units are run in this process, and not on a cluster
   * @param summary the last line where units are abandoned
   */
  Interruption(RunFolder run, boolean alone, Supplier<String> summary) {
    hook =
        new Thread(
            () -> {
              if (!alone) {
                System.err.println("the job goes on; the same command joins it");
                return;
              }
              new Stop(TERMINATED, "the process was asked to end").ask(run);
              if (!await()) {
                run.deleteTemporaryFiles();
                System.err.println(summary.get());
                System.err.flush();
                // the runtime would be torn down under a run of the model, which crashes
                Runtime.getRuntime().halt(TERMINATED);
              }
            },
            "interruption");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private boolean await() {
    try {
      return ended.await(GRACE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is about to end already
    }
  }
}
