package io.github.flinkdeepfm.pipeline.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A topic scored by jobs of parallelism 1 to 4, whose micro-batches have random limits of rows and
 * ids: every event has the same bits in all of them.
 */
@Timeout(180)
class BatchInvarianceIT {
  private static final int PARTITIONS = 4;
  private static final int EVENTS = 6000;

  /** Shapes S and L of the benchmarks, and one whose sizes are no multiples of anything. */
  enum Shape {
    S(new RandomShape(13, 26, 16, 64, 64, false, 2)),
    L(new RandomShape(13, 26, 64, 512, 512, true, 3)),
    AWKWARD(new RandomShape(7, 3, 5, 9, 11, true, 6));

    private final RandomShape shape;

    Shape(RandomShape shape) {
      this.shape = shape;
    }
  }

  @TempDir static Path folder;
  private static EmbeddedKafka broker;

  @BeforeAll
  static void start() {
    broker = EmbeddedKafka.start(folder.resolve("broker"));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @ParameterizedTest
  @EnumSource
  void anEventHasTheSameBitsAtAnyParallelismAndBatchSize(Shape shape) throws Exception {
    Random random = new Random(shape.name().hashCode());
    Path model = shape.shape.write(folder.resolve("model-" + shape), 7);
    produce(shape, random);
    JobConfig config = config(shape, model);
    KafkaRecording recording = new KafkaRecording(config, RangeBound.NONE, RangeBound.NONE);
    Map<String, Integer> expected = null;
    int[] rows = {1024, 1, 4096, 1 + random.nextInt(4096), 1 + random.nextInt(300)};
    for (int run = 0; run < rows.length; run++) {
      int parallelism = 1 + (run + 3) % PARTITIONS;
      int ids = run == 0 ? 1 << 20 : 1 + random.nextInt(1 << (4 + 3 * run));
      Map<String, Integer> bits = new ConcurrentHashMap<>();
      try (ReplayProgress progress = new ReplayProgress(line -> {}, ReplayProgress.INTERVAL);
          ReplayJob job = new ReplayJob(config, parallelism, progress)) {
        job.run(
            recording.events(recording.range().spans()),
            settings(config, model, rows[run], ids),
            new Collecting(bits));
      }
      assertThat(bits).hasSize(EVENTS);
      if (expected == null) {
        expected = new TreeMap<>(bits);
      }
      assertThat(new TreeMap<>(bits))
          .as("parallelism %d, batches of %d rows or %d ids", parallelism, rows[run], ids)
          .isEqualTo(expected);
    }
    assertThat(expected.values().stream().distinct().count()).isGreaterThan(EVENTS / 2);
  }

  private static void produce(Shape shape, Random random) {
    broker.createTopic("events-" + shape, PARTITIONS, Map.of());
    broker.createTopic("scores-" + shape, 1, Map.of());
    broker.createTopic("dead-" + shape, 1, Map.of());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < EVENTS; i++) {
        var unused =
            producer.send(
                new ProducerRecord<>(
                    "events-" + shape,
                    random.nextInt(PARTITIONS),
                    null,
                    shape.shape.event(random)));
      }
    }
  }

  private static JobConfig config(Shape shape, Path model) {
    return new JobConfigReader(Map.of())
        .parse(
            "job.yaml",
            """
            job: invariance
            kafka: {bootstrap.servers: "%2$s"}
            events: {topic: events-%1$s, group: invariance}
            scores: {topic: scores-%1$s}
            dead_letters: {topic: dead-%1$s}
            model: {directory: "%3$s"}
            """
                .formatted(shape, broker.bootstrapServers(), model));
  }

  private static ScoringSettings settings(JobConfig config, Path model, int rows, int ids) {
    ScoringSettings settings =
        ScoringJob.settings(
            config.scoring(), new ModelLocation(Optional.empty(), model.toString(), "any", false));
    return new ScoringSettings(
        settings.modelRoot(),
        settings.modelDirectory(),
        settings.modelVersion(),
        settings.overrideState(),
        settings.mapping(),
        rows,
        ids,
        settings.lingerMillis(),
        settings.outputLimit(),
        settings.refresh());
  }

  private record Collecting(Map<String, Integer> bits) implements Judge {
    @Override
    public boolean wants(RawEvent event) {
      return true;
    }

    @Override
    public void scored(ScoredEvent event) {
      bits.put(event.event().source().asEventId(), Float.floatToRawIntBits(event.logit()));
    }

    @Override
    public void rejected(DeadLetter letter) {
      throw new AssertionError(letter.reason() + ": " + letter.detail());
    }
  }
}
