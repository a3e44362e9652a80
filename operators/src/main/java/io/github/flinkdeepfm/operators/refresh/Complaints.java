package io.github.flinkdeepfm.operators.refresh;

import java.util.HashMap;
import java.util.Map;

/**
 * Says when a trouble is to be named in the log: each once a minute, so that one that lasts does
 * not hide another, and no more than {@value #MOST} different ones.
 */
final class Complaints {
  static final long PAUSE_MILLIS = 60_000;
  static final int MOST = 10;

  /** When each was named, in the last minute. */
  private final Map<String, Long> named = new HashMap<>();

  /**
   * Asks for one, and takes it to be named if the answer is true.
   *
   * @param now milliseconds that only go up
   */
  boolean isDue(String trouble, long now) {
    named.values().removeIf(at -> now - at >= PAUSE_MILLIS);
    return named.size() < MOST && named.putIfAbsent(trouble, now) == null;
  }
}
