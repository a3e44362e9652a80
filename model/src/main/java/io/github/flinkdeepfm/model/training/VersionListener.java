package io.github.flinkdeepfm.model.training;

import java.io.IOException;

/** Publishes what was learnt, when {@link EventTrainer} says that it is time. */
@FunctionalInterface
public interface VersionListener {
  /** What is due. */
  enum Due {
    /** A complete version. */
    FULL,
    /** The rows that changed since the last call, and the dense parameters. */
    DELTA
  }

  /**
   * Called between two steps, on the training thread: training waits. When it returns, what was
   * learnt so far counts as published and the next delta starts from here.
   *
   * @throws IOException ends the training; the changes still count as not published
   */
  void onDue(Due due, DeepFmTrainer trainer) throws IOException, InterruptedException;
}
