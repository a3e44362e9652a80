/**
 * Training from events: in go JSON events, out come versions under a model root.
 *
 * <p>Read {@link io.github.flinkdeepfm.pipeline.train.TrainingRun} first. What is learnt and how is
 * in {@code model.training}; how a version becomes visible is in {@code model.publish}.
 */
package io.github.flinkdeepfm.pipeline.train;
