/**
 * How good predictions of a binary label are, and how far two sets of predictions are apart.
 *
 * <p>In: a logit and whether the event was a click, one by one, in constant memory. Out: the area
 * under the ROC curve, the mean logarithmic loss, the calibration. From two sets of scores: the
 * population stability index and the Kolmogorov-Smirnov statistic. Read {@link
 * io.github.flinkdeepfm.model.metrics.ProgressiveMetrics} first.
 */
package io.github.flinkdeepfm.model.metrics;
