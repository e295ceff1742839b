package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code generate-completion} prints makes bash complete verbs and options. */
class CompletionTest {
  @TempDir Path folder;

  private String completed(String line, int word) throws Exception {
    Path script = folder.resolve("completion.sh");
    CommandRun run = CommandRun.of("generate-completion");
    assertThat(run.code()).isZero();
    Files.writeString(script, run.out());
    Process bash =
        new ProcessBuilder(
                "bash",
                "-ec",
                "compopt() { :; }; source " // which works while a key is being handled only
                    + script
                    + "; COMP_WORDS=("
                    + line
                    + "); COMP_CWORD="
                    + word
                    + "; _complete_steersweep; echo ${COMPREPLY[*]}")
            .redirectErrorStream(true)
            .start();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(said).isZero();
    return said.strip();
  }

  @Test
  void verbs() throws Exception {
    assertThat(completed("steersweep comp", 1)).isEqualTo("compare");
    assertThat(completed("steersweep re", 1)).isEqualTo("retry report");
  }

  @Test
  void options() throws Exception {
    assertThat(completed("steersweep sweep --batch", 2)).isEqualTo("--batch-size");
  }
}
