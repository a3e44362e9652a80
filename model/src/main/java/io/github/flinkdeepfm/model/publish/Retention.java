package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.checkpoint.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which versions a root keeps: the last N, those younger than min-age, and those that are protected
 * (the pinned one, those under {@code in-use/}, those that the caller names); and every base of any
 * of them.
 *
 * @param keep N, from 1
 * @param minAge what is younger stays
 * @param protect versions to keep besides
 */
public record Retention(int keep, Duration minAge, Set<String> protect) {
  public static final int DEFAULT_KEEP = 10;
  public static final Duration DEFAULT_MIN_AGE = Duration.ofDays(7);

  public Retention {
    if (keep < 1) {
      throw new IllegalArgumentException("expected to keep at least 1 version, got " + keep);
    }
    protect = Set.copyOf(protect);
  }

  /**
   * The versions to remove, newest first, so that a delta goes before its base.
   *
   * @param versions oldest first
   * @param inUse versions that something outside the list names
   */
  List<String> expired(List<Manifest> versions, Set<String> inUse, Instant now) {
    Map<String, Optional<String>> baseOf = new HashMap<>();
    versions.forEach(v -> baseOf.put(v.version(), v.base()));
    Set<String> kept = new HashSet<>();
    for (int i = 0; i < versions.size(); i++) {
      Manifest version = versions.get(i);
      boolean wanted =
          i >= versions.size() - keep
              || version.createdAt().isAfter(now.minus(minAge))
              || protect.contains(version.version())
              || inUse.contains(version.version());
      if (wanted) {
        Optional<String> link = Optional.of(version.version());
        while (link.isPresent() && kept.add(link.get())) {
          link = baseOf.getOrDefault(link.get(), Optional.empty());
        }
      }
    }
    List<String> expired = new ArrayList<>();
    versions.stream().map(Manifest::version).filter(v -> !kept.contains(v)).forEach(expired::add);
    Collections.reverse(expired);
    return expired;
  }
}
