package io.github.flinkdeepfm.pipeline.format;

import io.github.flinkdeepfm.operators.ScoredEvent;

/**
 * Writes where an event's time went as {@code 12,3,0.41}: queue, batch and scoring, in
 * milliseconds. Not thread-safe: it reuses its buffer.
 */
public final class TimingText {
  private final JsonBytes text = new JsonBytes();
  private float score = Float.NaN;
  private byte[] scoreText = {};

  /** The text in ASCII. */
  public byte[] write(ScoredEvent.Timing timing) {
    if (timing.score() != score) { // the same for all events of a micro-batch
      score = timing.score();
      scoreText = text.clear().number(score).toByteArray();
    }
    text.clear().number(timing.queue()).raw(",").number(timing.batch()).raw(",");
    return text.raw(scoreText).toByteArray();
  }
}
