package io.github.flinkdeepfm.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A broken model directory is refused by every command that loads one, before anything starts. */
class BrokenModelTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void isRefusedByEveryCommandWithExitCodeTwoAndOneErrorThatNamesIt(BrokenModel broken)
      throws Exception {
    Path model = TinyModel.write(folder.resolve("v1"));
    broken.apply(model);
    Path events = Files.writeString(folder.resolve("events.jsonl"), "{}\n");
    Path config =
        Files.writeString(
            folder.resolve("job.yaml"),
            """
            job: broken-model
            kafka: {bootstrap.servers: "127.0.0.1:9"}
            events: {topic: events, group: it}
            scores: {topic: scores}
            dead_letters: {topic: events-dead}
            model: {directory: "%s"}
            """
                .formatted(model));
    String output = folder.resolve("scores.jsonl").toString();

    for (List<String> command :
        List.of(
            List.of("verify", model.toString()),
            List.of("publish", "--model", "" + model, "--root", "" + folder.resolve("root")),
            List.of("run", "--config", config.toString()),
            List.of("score", "--model", "" + model, "--input", "" + events, "--output", output))) {
      CommandOutcome outcome = CommandOutcome.of(command.toArray(String[]::new));

      assertThat(outcome.code()).as("%s: %s", command, outcome.text()).isEqualTo(2);
      assertThat(outcome.text())
          .as("%s", command)
          .contains(broken.file(), "expected", "got")
          .doesNotContain("\tat ", "failed: ")
          .hasSizeLessThan(2000);
    }
    assertThat(Path.of(output)).doesNotExist();
    assertThat(folder.resolve("root/000001/manifest.json")).doesNotExist();
  }
}
