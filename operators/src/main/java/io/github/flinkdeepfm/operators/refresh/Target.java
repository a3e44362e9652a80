package io.github.flinkdeepfm.operators.refresh;

import java.util.Comparator;
import java.util.Optional;

/**
 * A version that could become active. One of the same name with another manifest is another one.
 *
 * @param createdAt epoch milliseconds, of its manifest
 * @param manifest SHA-256 of the manifest's text, in hexadecimal
 * @param base the version that a delta applies to; empty for a full one
 */
record Target(String version, long createdAt, String manifest, Optional<String> base) {
  static final Comparator<Target> BY_AGE =
      Comparator.comparingLong(Target::createdAt).thenComparing(Target::version);
}
