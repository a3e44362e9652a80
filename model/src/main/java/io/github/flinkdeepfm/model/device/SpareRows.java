package io.github.flinkdeepfm.model.device;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Ranges of rows that are free, first fit; neighbours join when they come back. */
final class SpareRows {
  private final TreeMap<Long, Long> free = new TreeMap<>();

  /** Rows [first, first + count) are free. */
  SpareRows(long first, long count) {
    give(first, count);
  }

  /** The same ranges, to try on what would fit. */
  SpareRows copy() {
    SpareRows copy = new SpareRows(0, 0);
    copy.free.putAll(free);
    return copy;
  }

  /** The first of {@code count} rows in a row, no longer free; empty if there are none. */
  OptionalLong take(long count) {
    OptionalLong found = OptionalLong.empty();
    long rest = 0;
    for (Map.Entry<Long, Long> range : free.entrySet()) {
      if (range.getValue() >= count) {
        found = OptionalLong.of(range.getKey());
        rest = range.getValue() - count;
        break;
      }
    }
    if (found.isPresent()) {
      free.remove(found.getAsLong());
      give(found.getAsLong() + count, rest);
    }
    return found;
  }

  /** Makes rows [first, first + count) free. */
  void give(long first, long count) {
    if (count == 0) {
      return;
    }
    long begin = first;
    long length = count;
    Map.Entry<Long, Long> before = free.lowerEntry(first);
    if (before != null && before.getKey() + before.getValue() == first) {
      begin = before.getKey();
      length += before.getValue();
    }
    Long after = free.remove(first + count);
    if (after != null) {
      length += after;
    }
    free.put(begin, length);
  }

  long count() {
    return free.values().stream().mapToLong(Long::longValue).sum();
  }
}
