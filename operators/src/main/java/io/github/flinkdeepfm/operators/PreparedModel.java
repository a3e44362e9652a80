package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.operators.refresh.Comparison;
import io.github.flinkdeepfm.operators.refresh.RefreshParticipant;

/**
 * A version that one slot can go on with at once.
 *
 * @param lease the slot's claim, with a scorer that is warm
 * @param batcher encodes for it
 * @param compared what the canary found; {@link Comparison#NONE} if it compared nothing
 */
record PreparedModel<E>(ModelStore.Lease lease, MicroBatcher<E> batcher, Comparison compared)
    implements RefreshParticipant.Candidate {
  /** In the background, for the stream does not wait for a version that it does not take. */
  @Override
  public void close() {
    lease.closeLater();
  }
}
