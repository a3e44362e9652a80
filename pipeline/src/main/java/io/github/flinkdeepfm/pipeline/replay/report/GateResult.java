package io.github.flinkdeepfm.pipeline.replay.report;

/**
 * How a replay fared at one gate.
 *
 * @param observed NaN if it could not be measured, which fails
 */
public record GateResult(String name, double threshold, double observed, boolean passed) {}
