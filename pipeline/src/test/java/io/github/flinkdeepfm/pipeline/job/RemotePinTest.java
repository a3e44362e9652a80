package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code model.pin}, above all with a root that only Flink's file systems reach. */
class RemotePinTest {
  @TempDir Path root;
  @TempDir Path folder;

  @BeforeEach
  void announce() throws Exception {
    for (int day = 1; day <= 3; day++) {
      Files.writeString(
          Files.createDirectories(root.resolve("v" + day)).resolve("manifest.json"),
          """
          {"format":1,"version":"v%d","kind":"full","created_at":"2026-01-0%dT00:00:00Z","files":[]}
          """
              .formatted(day, day));
    }
    Files.writeString(root.resolve("control.json"), "{\"pin\":\"v2\"}");
  }

  private JobConfig config(String model, String interval) {
    return config("remote://" + root, model, interval);
  }

  private static JobConfig config(String root, String model, String interval) {
    return new JobConfigReader(Map.of())
        .parse(
            "job.yaml",
            """
            job: ctr
            kafka: {bootstrap.servers: "localhost:9092"}
            events: {topic: events, group: ctr}
            scores: {topic: scores, delivery: at_least_once}
            dead_letters: {topic: events-dead}
            model: {root: "%s"%s}
            flink: {checkpoint_interval: %s}
            """
                .formatted(root, model, interval));
  }

  private RefreshSettings refresh(JobConfig config) {
    return ScoringJob.settings(config, ModelLocator.locate(config.model(), Optional.empty()))
        .refresh();
  }

  @Test
  void aPinCountsMoreThanControlJsonAndNeedsNoCheckpoints() {
    JobConfig config = config(", pin: v1", "off");
    ModelLocation model = ModelLocator.locate(config.model(), Optional.empty());
    assertThat(model)
        .isEqualTo(
            new ModelLocation(
                Optional.of("remote://" + root), "remote://" + root + "/v1", "v1", true));
    assertThat(refresh(config).pin()).isEqualTo("v1");
    assertThat(refresh(config).at()).isEqualTo(RefreshSettings.At.BATCH);
  }

  @Test
  void theVersionOfTheCommandLineIsThePin() {
    JobConfig config = config(", pin: v1", "10s");
    ModelLocation model = ModelLocator.locate(config.model(), Optional.of("v3"));
    assertThat(ScoringJob.settings(config, model).refresh().pin()).isEqualTo("v3");
  }

  @Test
  void aPinCountsMoreThanTheStateOfASavepoint() throws Exception {
    Path tiny = TinyModel.write(folder.resolve("tiny"));
    Path local = folder.resolve("local");
    ModelPublisher publisher =
        new ModelPublisher(new LocalModelStorage(local), ModelChecks.standard());
    publisher.publish(tiny, PublishOptions.DEFAULT.withVersion("v1"));
    publisher.publish(tiny, PublishOptions.DEFAULT.withVersion("v2"));
    JobConfig config = config(local.toString(), ", pin: v1", "off");
    ModelLocation model = ModelLocator.locate(config.model(), Optional.empty());
    assertThat(model.version()).isEqualTo("v1");
    assertThat(model.requested()).isTrue();
    assertThat(ScoringJob.settings(config, model).overrideState()).isTrue();
    assertThat(refresh(config)).isNull();
    JobConfig follows = config(local.toString(), "", "10s");
    assertThat(ModelLocator.locate(follows.model(), Optional.empty()).requested()).isFalse();
  }

  @Test
  void withoutAPinTheRootIsFollowed() {
    JobConfig config = config("", "10s");
    assertThat(ModelLocator.locate(config.model(), Optional.empty()).requested()).isFalse();
    assertThat(ModelLocator.locate(config.model(), Optional.empty()).version()).isEqualTo("v2");
    assertThat(refresh(config).pin()).isNull();
  }

  @Test
  void aPinThatIsNotThereIsNamed() {
    assertThatThrownBy(
            () -> ModelLocator.locate(config(", pin: v9", "10s").model(), Optional.empty()))
        .hasMessageContaining("expected version v9, got none");
  }
}
