package io.github.flinkdeepfm.model.training;

/**
 * When to learn and when to publish. Events are counted as they are learnt from; a publication is
 * due at every multiple of its interval, where a step ends even if its batch is not full.
 *
 * @param batchSize the most events of a step
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

  /** How many events the next step takes: a batch, or those up to the next publication. */
  int nextStep(long learnt) {
    return (int) Math.min(batchSize, Math.min(left(fullEvery, learnt), left(deltaEvery, learnt)));
  }

  /** Whether a publication of that interval is due now. */
  static boolean isDue(long interval, long learnt) {
    return interval > 0 && learnt % interval == 0;
  }

  private static long left(long interval, long learnt) {
    return interval == 0 ? Long.MAX_VALUE : interval - learnt % interval;
  }
}
