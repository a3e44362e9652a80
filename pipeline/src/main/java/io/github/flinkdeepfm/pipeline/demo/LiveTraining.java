package io.github.flinkdeepfm.pipeline.demo;

import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.metrics.ProgressiveMetrics;
import io.github.flinkdeepfm.model.publish.Publication;
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
import java.util.function.BiConsumer;
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
  private static final TrainingSchedule SCHEDULE = new TrainingSchedule(128, 400_000, 100_000);

  private final Map<String, Object> client;
  private final List<TopicPartition> partitions;
  private final TrainingRun run;
  private volatile boolean finishing;

  private LiveTraining(String bootstrapServers, List<TopicPartition> partitions, TrainingRun run) {
    client = Map.of("bootstrap.servers", bootstrapServers);
    this.partitions = partitions;
    this.run = run;
  }

  /**
   * Publishes the untrained version.
   *
   * @param folder takes the files of the version under way
   * @param root where versions are published
   * @param published told of each later version, with how well its predecessors predicted the
   *     events since the last one
   */
  static LiveTraining start(
      Path folder,
      Path root,
      PlantedTruth truth,
      long seed,
      String bootstrapServers,
      List<TopicPartition> partitions,
      BiConsumer<Publication, ProgressiveMetrics> published)
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
            seed,
            OptimizerOptions.DEFAULT,
            SCHEDULE,
            EventMapping.DEFAULT);
    TrainingRun run =
        new TrainingRun(
            plan,
            folder,
            (publication, trainer) -> {
              if (trainer.learnt() > 0) {
                published.accept(publication, trainer.takeRecentMetrics());
              }
            });
    run.publishUntrained();
    return new LiveTraining(bootstrapServers, partitions, run);
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
