package io.github.flinkdeepfm.pipeline.demo;

import java.util.Optional;

/**
 * One generated event.
 *
 * @param index counted from 0; the event id is {@code "e" + index}
 * @param value the event as JSON; null for a tombstone
 * @param label whether it is a click
 * @param probability of a click, by the planted truth
 * @param malformed what is wrong with it; empty for a good one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Click(
    long index, byte[] value, boolean label, double probability, Optional<Malformed> malformed) {}
