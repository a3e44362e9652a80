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

  /**
   * The newest, whatever the clocks say.
   *
   * @throws InvalidModelException if there is no time after that of the newest
   */
  static Instant afterAll(List<Manifest> versions, Instant now) {
    if (versions.isEmpty()) {
      return now;
    }
    Manifest newest = versions.get(versions.size() - 1);
    Instant earliest = newest.createdAt().plus(STEP);
    if (earliest.isAfter(Manifest.LATEST)) {
      throw noRoom(newest);
    }
    return now.isBefore(earliest) ? earliest : now;
  }

  /**
   * Newer than a version and older than all that are newer than that.
   *
   * @throws InvalidModelException if there is no room before its successor, or no time after it
   */
  static Instant rightAfter(String version, List<Manifest> versions) {
    int index = versions.stream().map(Manifest::version).toList().indexOf(version);
    Instant own = versions.get(index).createdAt();
    if (index == versions.size() - 1) {
      return afterAll(versions, own);
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

  private static InvalidModelException noRoom(Manifest newest) {
    return new InvalidModelException(
        "expected versions of a created_at before "
            + Manifest.LATEST
            + ", after which none can be the newest, got "
            + newest.version()
            + " of "
            + newest.createdAt()
            + ": remove that version, and publish it again if it is needed");
  }
}
