package io.github.flinkdeepfm.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.ConfigOption;
import org.junit.jupiter.api.Test;

/** The options' names and defaults, which queries rely on and the README prints. */
class ModelOptionsTest {
  @Test
  void theReadmeHasEachOptionInARowOfItsTable() throws Exception {
    List<String> keys =
        Readme.section()
            .lines()
            .filter(line -> line.startsWith("| `"))
            .flatMap(line -> Stream.of(line.split("\\|")[1].split(",| or ")))
            .map(key -> key.strip().replace("`", ""))
            .toList();
    assertThat(keys)
        .containsExactlyInAnyOrderElementsOf(
            ModelOptions.all().stream().map(ConfigOption::key).toList());
  }

  @Test
  void defaultsAreThoseOfTheReadme() {
    assertThat(ModelOptions.POLL.defaultValue()).hasSeconds(1);
    assertThat(ModelOptions.STORAGE_TIMEOUT.defaultValue()).hasSeconds(60);
    assertThat(ModelOptions.CACHE_BYTES.defaultValue().getBytes()).isEqualTo(64L << 30);
    assertThat(ModelOptions.BATCH_ROWS.defaultValue()).isEqualTo(1024);
    assertThat(ModelOptions.BATCH_LINGER.defaultValue()).hasMillis(5);
    assertThat(ModelOptions.MAX_IDS.defaultValue()).isEqualTo(65_536);
    assertThat(ModelOptions.WEIGHTS_SUFFIX.defaultValue()).isEqualTo("_weights");
    assertThat(ModelOptions.ON_ERROR.defaultValue()).isEqualTo(ModelOptions.OnError.FAIL);
    assertThat(ModelOptions.DEVICE.defaultValue().name()).isEqualTo("AUTO");
    assertThat(
            List.of(
                ModelOptions.MODEL_ROOT,
                ModelOptions.MODEL_DIRECTORY,
                ModelOptions.PIN,
                ModelOptions.CACHE_DIR,
                ModelOptions.MEMORY_BYTES))
        .noneMatch(ConfigOption::hasDefaultValue);
  }
}
