package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.DeadLetterReason;

/**
 * An event that has no score, and why. Immutable.
 *
 * @param event the record as it came
 * @param reason one of the closed list
 * @param detail one line: expected, got, where
 * @param rejectedAt epoch milliseconds
 */
public record DeadLetter(RawEvent event, DeadLetterReason reason, String detail, long rejectedAt) {}
