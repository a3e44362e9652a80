package io.github.flinkdeepfm.pipeline.train;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigReader;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.StrictJson;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.FeaturesConfigReader;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.Publication;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.model.serving.EventDecoders;
import io.github.flinkdeepfm.model.training.CheckpointWriter;
import io.github.flinkdeepfm.model.training.DeepFmParameters;
import io.github.flinkdeepfm.model.training.DeepFmTrainer;
import io.github.flinkdeepfm.model.training.EventTrainer;
import io.github.flinkdeepfm.model.training.VersionListener;
import io.github.flinkdeepfm.operators.storage.ModelStorages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Trains a model from events and publishes it as it learns: an untrained version at the start if
 * asked for, then full and delta versions by the schedule, and what is left at the end. A full
 * version takes a delta's place if that would not be smaller, or if the version before has as many
 * deltas as it may.
 *
 * <pre>{@code
 * try (TrainingRun run = new TrainingRun(plan, workDirectory, (publication, trainer) -> …)) {
 *   run.publishUntrained();
 *   run.trainer().accept(json); // for each event
 *   run.finish();
 * }
 * }</pre>
 *
 * Not thread-safe.
 */
public final class TrainingRun implements AutoCloseable {
  private static final String FEATURES = "features.json";

  private final ModelPublisher publisher;
  private final CheckpointWriter writer;
  private final Path work;
  private final boolean deltas;
  private final BiConsumer<Publication, EventTrainer> published;
  private final DeepFmTrainer deepFm;
  private final EventTrainer trainer;

  private Optional<String> last = Optional.empty();
  private long publishedAt = -1;

  /**
   * @param work a directory of its own, for the files of the version under way
   * @param published told of each version, between two steps of the trainer
   * @throws InvalidConfigurationException naming all mistakes of one JSON document, or why such a
   *     model cannot be trained
   */
  public TrainingRun(TrainingPlan plan, Path work, BiConsumer<Publication, EventTrainer> published)
      throws IOException {
    this.work = Files.createDirectories(work.resolve("version"));
    this.published = published;
    this.deltas = plan.schedule().deltaEvery() > 0;
    publisher =
        new ModelPublisher(ModelStorages.openWithPlugins(plan.root()), ModelChecks.standard());
    ModelConfig config = ModelConfigReader.read(plan.modelConfig());
    writer = new CheckpointWriter(documents(plan.features(), work));
    DeepFmParameters initial = initial(config, plan);
    writer.write(initial, this.work);
    EventDecoder decoder =
        EventDecoders.of(
            plan.mapping(), FeaturesConfigReader.read(ModelDirectory.open(this.work)), config);
    deepFm = new DeepFmTrainer(initial, plan.optimizer(), plan.schedule().batchSize());
    trainer = new EventTrainer(decoder, deepFm, plan.schedule(), this::publish);
  }

  private static DeepFmParameters initial(ModelConfig config, TrainingPlan plan) {
    try {
      return DeepFmParameters.initial(config, plan.seed());
    } catch (IllegalArgumentException e) {
      throw new InvalidConfigurationException(
          plan.modelConfig().toString(), List.of(e.getMessage()));
    }
  }

  /** features.json under that name, and the vocabulary files that it names. */
  private static List<Path> documents(Path features, Path work) throws IOException {
    Path named = work.resolve(FEATURES);
    Files.copy(features, named);
    List<Path> documents = new ArrayList<>(List.of(named));
    for (JsonNode feature : StrictJson.readObject(features).path("sparse")) {
      Path vocabulary = features.resolveSibling(feature.path("vocabulary_file").asText(""));
      if (feature.has("vocabulary_file") && Files.isRegularFile(vocabulary)) {
        documents.add(vocabulary);
      }
    }
    return documents;
  }

  /** Takes events and tells how well it predicts them. */
  public EventTrainer trainer() {
    return trainer;
  }

  /** Publishes the parameters before the first step, so that a job has something to start with. */
  public Publication publishUntrained() throws IOException, InterruptedException {
    return publish(VersionListener.Due.FULL);
  }

  /** Makes the next version a full one, whatever the schedule says. */
  public void nextIsFull() {
    last = Optional.empty();
  }

  /** Learns from the last, incomplete batch and publishes what is not published yet. */
  public void finish() throws IOException, InterruptedException {
    trainer.finish();
    if (trainer.learnt() != publishedAt && trainer.learnt() > 0) {
      publish(deltas ? VersionListener.Due.DELTA : VersionListener.Due.FULL);
    }
  }

  private Publication publish(VersionListener.Due due) throws IOException, InterruptedException {
    writer.write(deepFm, work);
    PublishOptions options =
        PublishOptions.DEFAULT.withProvenance(
            Map.of(
                "trainer", "flink-deepfm train", "events_learnt", Long.toString(trainer.learnt())));
    if (due == VersionListener.Due.DELTA && last.isPresent()) {
      options = options.withBaseOrFull(last.get());
    }
    Publication publication = publisher.publish(work, options);
    last = Optional.of(publication.manifest().version());
    publishedAt = trainer.learnt();
    published.accept(publication, trainer);
    return publication;
  }

  @Override
  public void close() {
    deepFm.close();
  }
}
