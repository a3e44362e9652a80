package io.github.flinkdeepfm.model.training;

/**
 * When to learn and when to publish. Events are counted as they are learnt from; a publication is
 * due at the first batch that reaches a multiple.
 *
 * @param batchSize events a step
 * @param fullEvery events between full versions; 0: none
 * @param deltaEvery events between deltas; 0: none
 */
public record TrainingSchedule(int batchSize, long fullEvery, long deltaEvery) {
  public TrainingSchedule {
    if (batchSize <= 0 || fullEvery < 0 || deltaEvery < 0) {
      throw new IllegalArgumentException(
          "expected a batch size above 0 and publication intervals from 0, got "
              + batchSize
              + ", "
              + fullEvery
              + " and "
              + deltaEvery);
    }
  }

  /** Whether a multiple of {@code interval} lies in (before, after]. */
  static boolean isDue(long interval, long before, long after) {
    return interval > 0 && before / interval != after / interval;
  }
}
