package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The {@code created_at} of a new version, which decides where it stands among the others: the
 * greatest is the newest, which jobs use. Versions are given oldest first.
 */
final class CreationTime {
  private static final Duration STEP = Duration.ofMillis(1);

  private CreationTime() {}

  /** The newest, whatever the clocks say. */
  static Instant afterAll(List<Manifest> versions, Instant now) {
    if (versions.isEmpty()) {
      return now;
    }
    Instant earliest = versions.get(versions.size() - 1).createdAt().plus(STEP);
    return now.isBefore(earliest) ? earliest : now;
  }

  /**
   * Newer than a version and older than all that are newer than that.
   *
   * @throws InvalidModelException if there is no room before its successor
   */
  static Instant rightAfter(String version, List<Manifest> versions) {
    int index = versions.stream().map(Manifest::version).toList().indexOf(version);
    Instant own = versions.get(index).createdAt();
    if (index == versions.size() - 1) {
      return own.plus(STEP);
    }
    Manifest successor = versions.get(index + 1);
    Duration half = Duration.between(own, successor.createdAt()).dividedBy(2);
    if (half.isZero()) {
      throw new InvalidModelException(
          "expected a created_at between those of "
              + version
              + " and "
              + successor.version()
              + ", got "
              + own
              + " and "
              + successor.createdAt());
    }
    return own.plus(half.compareTo(STEP) < 0 ? half : STEP);
  }
}
