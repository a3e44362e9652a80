package io.github.flinkdeepfm.operators;

/**
 * A version that one slot can go on with at once.
 *
 * @param lease the slot's claim, with a scorer that is warm
 * @param batcher encodes for it
 */
record PreparedModel(ModelStore.Lease lease, MicroBatcher batcher) implements AutoCloseable {
  @Override
  public void close() {
    lease.close();
  }
}
