package io.github.flinkdeepfm.operators;

/**
 * A version that one slot can go on with at once.
 *
 * @param lease the slot's claim, with a scorer that is warm
 * @param batcher encodes for it
 */
record PreparedModel<E>(ModelStore.Lease lease, MicroBatcher<E> batcher) implements AutoCloseable {
  /** In the background, for the stream does not wait for a version that it does not take. */
  @Override
  public void close() {
    lease.closeLater();
  }
}
