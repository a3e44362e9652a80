/**
 * How good predictions of a binary label are, updated one by one in constant memory.
 *
 * <p>In: a logit and whether the event was a click. Out: the area under the ROC curve and the mean
 * logarithmic loss. Read {@link io.github.flinkdeepfm.model.metrics.ProgressiveMetrics} first.
 */
package io.github.flinkdeepfm.model.metrics;
