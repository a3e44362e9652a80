package io.github.flinkdeepfm.pipeline.job;

import java.time.Duration;

/**
 * How long a storage that does not answer is asked again.
 *
 * @param first pause, doubled after each try
 * @param longest no pause is longer
 * @param total no try begins later than this after the first one
 */
record Retries(Duration first, Duration longest, Duration total) {
  /** A storage's failover or a node's network come back within minutes. */
  static final Retries DEFAULT =
      new Retries(Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofMinutes(10));

  /** The pause that follows another one. */
  Duration after(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(longest) < 0 ? doubled : longest;
  }
}
