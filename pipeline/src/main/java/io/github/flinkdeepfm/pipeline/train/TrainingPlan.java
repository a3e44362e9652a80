package io.github.flinkdeepfm.pipeline.train;

import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.training.OptimizerOptions;
import io.github.flinkdeepfm.model.training.TrainingSchedule;
import java.nio.file.Path;

/**
 * What to train and how.
 *
 * @param modelConfig a model.json
 * @param features a features.json; vocabulary files that it names lie beside it
 * @param root where versions are published: a path, or s3://, hdfs:// …
 * @param seed of the initial parameters
 * @param optimizer how parameters follow their gradients
 * @param schedule when to learn and when to publish
 * @param mapping where an event carries its label
 */
public record TrainingPlan(
    Path modelConfig,
    Path features,
    String root,
    long seed,
    OptimizerOptions optimizer,
    TrainingSchedule schedule,
    EventMapping mapping) {}
