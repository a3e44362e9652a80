package io.github.flinkdeepfm.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README promises about lists and files is true. */
class ReadmeTest {
  private static final Path README = Path.of("..", "README.md");

  @Test
  void listsEveryDeadLetterReasonAndNoOther() throws Exception {
    List<String> listed =
        Pattern.compile("^\\| `([A-Z_]+)` \\|", Pattern.MULTILINE)
            .matcher(Files.readString(README))
            .results()
            .map(m -> m.group(1))
            .toList();
    assertThat(listed)
        .containsExactlyElementsOf(
            Arrays.stream(DeadLetterReason.values()).map(Enum::name).toList());
  }

  @Test
  void itsJobYamlIsValid() throws Exception {
    Matcher yaml =
        Pattern.compile("<<'YAML'\n(.*?)YAML\n", Pattern.DOTALL).matcher(Files.readString(README));
    assertThat(yaml.find()).isTrue();
    assertThat(new JobConfigReader(Map.of()).parse("README.md", yaml.group(1)).job())
        .isEqualTo("ctr");
  }
}
