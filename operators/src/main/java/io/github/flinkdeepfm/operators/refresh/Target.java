package io.github.flinkdeepfm.operators.refresh;

import java.util.Comparator;

/**
 * A version that could become active.
 *
 * @param createdAt epoch milliseconds, of its manifest
 */
record Target(String version, long createdAt) {
  static final Comparator<Target> BY_AGE =
      Comparator.comparingLong(Target::createdAt).thenComparing(Target::version);
}
