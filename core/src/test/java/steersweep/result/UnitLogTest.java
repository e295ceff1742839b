package steersweep.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnitLogTest {
  @TempDir Path folder;

  @Test
  void whatThisProcessWritesIsReadWithItsNumberAndTime() {
    UnitLog log = new UnitLog(folder.resolve("log"));
    assertThat(log.read()).isEmpty();
    Instant before = Instant.now();

    log.write(UnitLog.STARTED, "unit-000003");
    log.write(UnitLog.OPENED, "model on cpu");

    List<UnitLog.Line> lines = log.read();
    assertThat(lines).extracting(UnitLog.Line::event).containsExactly("started", "opened");
    assertThat(lines).extracting(UnitLog.Line::what).containsExactly("unit-000003", "model on cpu");
    assertThat(lines).allMatch(line -> line.pid() == ProcessHandle.current().pid());
    assertThat(lines.get(0).time()).isBetween(before, Instant.now());
  }

  @Test
  void aHostNameMayHaveDashesAndALineMayBeCutOff() throws IOException {
    Files.writeString(
        folder.resolve("node-7-41.log"), "2026-01-31T12:00:00.5Z finished unit-000001\n2026-01");

    assertThat(new UnitLog(folder).read())
        .containsExactly(
            new UnitLog.Line(
                "node-7-41", Instant.parse("2026-01-31T12:00:00.5Z"), "finished", "unit-000001"));
  }
}
