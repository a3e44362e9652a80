package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;

/**
 * Takes what a replay job does, in the job's threads: the events of one partition in one thread and
 * in order, those of several partitions at once.
 */
interface Judge {
  /** Whether to score this event; called once for each event that the job reads. */
  boolean wants(RawEvent event);

  void scored(ScoredEvent event);

  void rejected(DeadLetter letter);
}
