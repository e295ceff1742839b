package steersweep.report;

import java.util.List;
import steersweep.score.Progress;

/**
 * What a terminal shows of a report.
 *
 * @param lines the answer in a few lines of plain text
 * @param somethingWorks whether texts confirm a site for any concept
 * @param progress cells finished, failed and missing
 */
public record Verdict(List<String> lines, boolean somethingWorks, Progress progress) {
  public Verdict {
    lines = List.copyOf(lines);
  }
}
