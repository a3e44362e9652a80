package io.github.flinkdeepfm.pipeline.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.demo.JobStarter.RunningJob;
import io.github.flinkdeepfm.pipeline.replay.Finding;
import io.github.flinkdeepfm.pipeline.replay.ReproductionSummary;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** The demo around a stand-in for the job, which gives every event its planted outcome. */
class DemoTest {
  private static final int EVENTS = 3000;
  private static final DemoSettings SETTINGS = new DemoSettings(EVENTS, 1, 1, 0, false, 0, 0);

  private final AtomicReference<Path> folder = new AtomicReference<>();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @Test
  void everyOutcomeOnceIsExactAndNothingIsLeftBehind() throws Exception {
    assertThat(run(Optional.empty())).isTrue();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("3,000 produced", "missing 0, duplicate 0, unexpected 0", "result        exact");
    assertThat(folder.get()).doesNotExist();
  }

  @Test
  void aSecondOutcomeOfOneEventIsNotExact() throws Exception {
    assertThat(run(Optional.of(17L))).isFalse();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("duplicate 1", "a second outcome", "NOT exact");
  }

  @Test
  void aScoreThatDoesNotComeOutAgainFailsTheDemo() throws Exception {
    assertThat(run(Optional.empty(), false)).isFalse();
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("result        exact", "0 of 1 scores come out again", "NOT REPRODUCED");
  }

  private boolean run(Optional<Long> twice) throws Exception {
    return run(twice, true);
  }

  private boolean run(Optional<Long> twice, boolean replayed) throws Exception {
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    JobStarter starter =
        (jobFile, savepoints) -> {
          folder.set(jobFile.getParent());
          assertThat(folder.get().resolve("model/000001/manifest.json")).exists();
          String bootstrapServers = bootstrapServers(jobFile);
          return new StandIn(() -> answer(bootstrapServers, twice), replayed);
        };
    try (Demo demo = new Demo(SETTINGS, starter, file -> {}, out)) {
      return demo.run();
    }
  }

  private static String bootstrapServers(Path jobFile) throws Exception {
    return Files.readString(jobFile).replaceAll("(?s).*(127\\.0\\.0\\.1:[0-9]+).*", "$1");
  }

  /**
   * Waits for the events; their outcomes are known already, for the clicks follow from the seed.
   */
  private static void answer(String bootstrapServers, Optional<Long> twice) {
    awaitEvents(bootstrapServers);
    ClickStream clicks = new ClickStream(SETTINGS.truth(), SETTINGS.seed() + 2);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (long i = 0; i < EVENTS; i++) {
        Click click = clicks.next(0);
        int copies = twice.equals(Optional.of(i)) ? 2 : 1;
        for (int copy = 0; copy < copies; copy++) {
          producer.send(outcome(click));
        }
      }
    }
  }

  private static void awaitEvents(String bootstrapServers) {
    List<TopicPartition> partitions =
        List.of(new TopicPartition("events", 0), new TopicPartition("events", 1));
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      while (consumer.endOffsets(partitions).values().stream().mapToLong(n -> n).sum() < EVENTS) {
        Thread.onSpinWait();
      }
    }
  }

  private static ProducerRecord<byte[], byte[]> outcome(Click click) {
    String source =
        "\"source\":{\"topic\":\"events\",\"partition\":%d,\"offset\":%d}"
            .formatted(click.index() % 2, click.index() / 2);
    String topic = click.malformed().isPresent() ? "events-dead" : "scores";
    String json =
        click
            .malformed()
            .map(kind -> "{\"reason\":\"" + kind.reason() + "\"," + source + "}")
            .orElseGet(
                () ->
                    "{\"scored_at\":3,\"score\":0.5,\"label\":%d,%s}"
                        .formatted(click.label() ? 1 : 0, source));
    return new ProducerRecord<>(topic, json.getBytes(StandardCharsets.UTF_8));
  }

  private static final class StandIn implements RunningJob {
    private final CompletableFuture<Void> answered;

    private final boolean replayed;

    StandIn(Runnable answers, boolean replayed) {
      this.replayed = replayed;
      answered = CompletableFuture.runAsync(answers);
    }

    @Override
    public String webInterface() {
      return "none";
    }

    @Override
    public Future<?> ended() {
      return new CompletableFuture<>();
    }

    @Override
    public void stop() {
      answered.join();
    }

    @Override
    public ReproductionSummary reproduce() {
      return new ReproductionSummary(
          "events 0:[0,1)",
          1,
          1,
          replayed ? 1 : 0,
          0,
          1,
          0,
          0,
          0,
          Map.of("000001", replayed ? 0L : 1L),
          Set.of("n"),
          Set.of("n"),
          replayed ? Map.of() : Map.of(Finding.Kind.MISMATCH, 1L),
          List.of(),
          true,
          List.of(),
          1);
    }

    @Override
    public void close() {}
  }
}
