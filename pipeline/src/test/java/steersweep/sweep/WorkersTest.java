package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.model.Processor;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;

/** Who gets which unit; without a model, so that every unit fails. */
class WorkersTest {
  @TempDir Path folder;

  @AfterEach
  void close() {
    Workers.close();
  }

  @Test
  void unitsAreSpreadOverAllProcessors() {
    SweepSettings settings =
        new SweepSettings(List.of(Processor.CPU, Processor.cuda(0), Processor.cuda(1)), 1, 8, 2);

    RunFolder run = new RunFolder(folder);
    Workers.Job job = new Workers.Job(folder.toString(), settings);

    for (int unit = 0; unit < 7; unit++) {
      Unit some = new Unit(Stage.SCREEN, unit, 2L * unit, 2L * unit + 2);
      assertThatThrownBy(() -> Workers.run(job, some, new UnderWay(run, some)))
          .hasMessageContaining("cannot be read");
    }

    assertThat(Workers.shares(job)).containsExactly(3, 2, 2);
  }
}
