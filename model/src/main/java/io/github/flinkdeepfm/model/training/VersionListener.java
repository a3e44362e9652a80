package io.github.flinkdeepfm.model.training;

import java.io.IOException;

/** Publishes what was learnt, when {@link EventTrainer} says that it is time. */
@FunctionalInterface
public interface VersionListener {
  /** What is due. */
  enum Due {
    /** A complete version. */
    FULL,
    /** What differs from the version before. */
    DELTA
  }

  /**
   * Called between two steps, on the training thread: training waits.
   *
   * @throws IOException ends the training
   */
  void onDue(Due due) throws IOException, InterruptedException;
}
