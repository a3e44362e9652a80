package io.github.flinkdeepfm.operators.refresh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Which versions were active lately, and so may be named by a checkpoint or savepoint that somebody
 * keeps.
 */
final class ActiveHistory {
  /** How long after its last use a version is remembered. */
  static final Duration KEPT = Duration.ofDays(7);

  private final List<Stay> stays;

  /**
   * A time in which one version was active.
   *
   * @param since epoch milliseconds
   * @param until epoch milliseconds, or {@link #STILL}
   */
  record Stay(String version, long since, long until) {
    static final long STILL = -1;
  }

  ActiveHistory(List<Stay> restored) {
    this.stays = new ArrayList<>(restored);
  }

  /**
   * Takes note of the version that is active now.
   *
   * @param version empty if not known yet
   * @param now epoch milliseconds
   * @return whether the history is another one after it
   */
  boolean note(String version, long now) {
    boolean changed =
        stays.removeIf(s -> s.until() != Stay.STILL && now - s.until() > KEPT.toMillis());
    int last = stays.size() - 1;
    boolean stillSame = last >= 0 && stays.get(last).version().equals(version);
    if (version.isEmpty() || stillSame) {
      return changed;
    }
    if (last >= 0) {
      Stay ended = stays.get(last);
      stays.set(last, new Stay(ended.version(), ended.since(), now));
    }
    long since =
        stays.stream()
            .filter(s -> s.version().equals(version))
            .findFirst()
            .map(Stay::since)
            .orElse(now);
    stays.removeIf(s -> s.version().equals(version)); // A rollback: one entry a version is enough.
    stays.add(new Stay(version, since, Stay.STILL));
    return true;
  }

  /** Oldest first; the last is the version that is active. */
  List<Stay> stays() {
    return List.copyOf(stays);
  }
}
