package io.github.flinkdeepfm.pipeline.file;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;

/** What became of the events of a file. */
public record Summary(long scored, Map<DeadLetterReason, Long> deadLetters) {
  static Summary of(Map<String, Object> accumulators) {
    Map<DeadLetterReason, Long> deadLetters = new EnumMap<>(DeadLetterReason.class);
    if (accumulators.get(DeadLetterLines.REASONS) instanceof SortedMap<?, ?> counts) {
      counts.forEach(
          (ordinal, count) ->
              deadLetters.put(
                  DeadLetterReason.values()[(Integer) ordinal], ((Integer) count).longValue()));
    }
    Object scored = accumulators.get(ScoreLines.SCORED);
    return new Summary(scored == null ? 0 : (Long) scored, deadLetters);
  }

  /** Scored or not. */
  public long events() {
    return scored + deadLetters.values().stream().mapToLong(Long::longValue).sum();
  }
}
