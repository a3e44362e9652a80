package io.github.flinkdeepfm.pipeline.demo;

import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.training.OptimizerOptions;
import io.github.flinkdeepfm.model.training.TrainingSchedule;
import io.github.flinkdeepfm.pipeline.train.TrainingPlan;
import io.github.flinkdeepfm.pipeline.train.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Learns from the event topic while the job scores it, and publishes what it learns: the job's
 * model gets better under the viewer's eyes. Starts from an untrained version. Runs in a thread of
 * its own; {@link #finish} is for another.
 */
final class LiveTraining implements Callable<Void>, AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int BATCH = 128;

  /** How many refreshes are full: a young model changes everywhere. */
  static final int FULL_REFRESHES = 2;

  private final Map<String, Object> client;
  private final List<TopicPartition> partitions;
  private final TrainingRun run;
  private final long fullUpTo;
  private volatile boolean finishing;

  private LiveTraining(
      String bootstrapServers, List<TopicPartition> partitions, TrainingRun run, long fullUpTo) {
    client = Map.of("bootstrap.servers", bootstrapServers);
    this.partitions = partitions;
    this.run = run;
    this.fullUpTo = fullUpTo;
  }

  /**
   * Publishes the untrained version.
   *
   * @param folder takes the files of the version under way
   * @param root where versions are published
   * @param report told of each version, of a later one with how well its predecessors predicted the
   *     events since the last one
   */
  static LiveTraining start(
      Path folder,
      Path root,
      PlantedTruth truth,
      DemoSettings settings,
      String bootstrapServers,
      List<TopicPartition> partitions,
      Report report)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path modelConfig =
        Files.writeString(folder.resolve("model.json"), DemoFeatures.modelJson(truth));
    Path features =
        Files.writeString(folder.resolve("demo-features.json"), DemoFeatures.toJson(truth));
    TrainingPlan plan =
        new TrainingPlan(
            modelConfig,
            features,
            root.toString(),
            settings.seed() + 1,
            OptimizerOptions.DEFAULT,
            new TrainingSchedule(BATCH, 0, settings.refreshEvery()),
            EventMapping.DEFAULT);
    TrainingRun run =
        new TrainingRun(
            plan,
            folder,
            (publication, trainer) -> {
              if (trainer.learnt() > 0) {
                report.published(publication, trainer.takeRecentMetrics());
              }
            });
    report.started(run.publishUntrained());
    return new LiveTraining(
        bootstrapServers, partitions, run, (long) FULL_REFRESHES * settings.refreshEvery());
  }

  /** Learns until {@link #finish}. */
  @Override
  public Void call() throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!finishing) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (finishing) {
            break;
          }
          if (run.trainer().learnt() < fullUpTo) {
            run.nextIsFull();
          }
          run.trainer().accept(record.value());
        }
      }
    }
    return null;
  }

  /** Makes {@link #call} return soon; what is learnt since the last version stays unpublished. */
  void finish() {
    finishing = true;
  }

  /** Only after {@link #call} has returned. */
  @Override
  public void close() {
    run.close();
  }
}
