package io.github.flinkdeepfm.model.device;

/**
 * The sizes that arrays on the device come in. ND4J keeps every shape that it has seen for ever, so
 * counts that change with each batch are rounded up: to 16, and then to powers of two and one and a
 * half times those.
 */
final class Buckets {
  private static final int LEAST = 16;

  private Buckets() {}

  /** The smallest size that holds n; 0 for 0. */
  static int of(int n) {
    if (n <= LEAST) {
      return n == 0 ? 0 : LEAST;
    }
    int below = Integer.highestOneBit(n - 1);
    int between = below + below / 2;
    return n <= between ? between : Math.multiplyExact(below, 2);
  }
}
