/**
 * What the operators' metrics are called, for those who make them, watch them and test them. Read
 * {@link io.github.flinkdeepfm.operators.metrics.MetricNames}.
 */
package io.github.flinkdeepfm.operators.metrics;
