package io.github.flinkdeepfm.pipeline.file;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import java.util.EnumMap;
import java.util.Map;

/** What became of the events of a file. */
public record Summary(long scored, Map<DeadLetterReason, Long> deadLetters) {
  static Summary of(Map<String, Object> accumulators) {
    Map<DeadLetterReason, Long> deadLetters = new EnumMap<>(DeadLetterReason.class);
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      long count = count(accumulators, DeadLetterLines.COUNTER + reason);
      if (count > 0) {
        deadLetters.put(reason, count);
      }
    }
    return new Summary(count(accumulators, ScoreLines.SCORED), deadLetters);
  }

  private static long count(Map<String, Object> accumulators, String name) {
    return (Long) accumulators.getOrDefault(name, 0L);
  }

  /** Scored or not. */
  public long events() {
    return scored + deadLetters.values().stream().mapToLong(Long::longValue).sum();
  }
}
