package io.github.flinkdeepfm.pipeline.replay.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Quality by window of event time, with the windows in which a version took over.
 *
 * <p>Only windows with rows are kept, and not more than a limit: beyond it, neighbours are merged
 * into longer windows, so that memory is bounded whatever times the events claim.
 */
final class OverTime {
  private static final int CHOSEN_LIMIT = 60;
  private static final int LIMIT = 256;

  /** Lengths that read well, in milliseconds; each divides the next. */
  private static final long[] LADDER = {
    1_000,
    5_000,
    15_000,
    60_000,
    300_000,
    900_000,
    3_600_000,
    10_800_000,
    21_600_000,
    43_200_000,
    86_400_000,
    604_800_000
  };

  private final boolean chosen;
  private final int limit;
  private long length;
  private NavigableMap<Long, Window> windows = new TreeMap<>();

  /**
   * @param windowMillis as used: not shorter than the one asked for
   */
  record Facts(long windowMillis, List<Window.Facts> windows, List<Refresh> refreshes) {}

  /**
   * A version that took over from another.
   *
   * @param side {@code baseline} or {@code candidate}
   * @param windowStart epoch milliseconds: the first window in which it scored more rows than any
   *     other version, or, if it never did, the one in which it scored most
   */
  record Refresh(String side, String version, long windowStart) {}

  OverTime(Duration window) {
    chosen = window.isZero();
    limit = chosen ? CHOSEN_LIMIT : LIMIT;
    length = chosen ? LADDER[0] : window.toMillis();
  }

  void add(ReplayRow row, double baselineScore, double candidateScore) {
    long index = Math.floorDiv(row.eventTime(), length);
    Window window = windows.get(index);
    if (window == null) {
      window = new Window();
      windows.put(index, window);
    }
    window.add(row, baselineScore, candidateScore);
    while (windows.size() > limit) {
      lengthen();
    }
  }

  private void lengthen() {
    long longer = 2 * length;
    if (chosen) {
      for (int i = LADDER.length - 1; i >= 0 && LADDER[i] > length; i--) {
        longer = LADDER[i];
      }
    }
    long factor = longer / length;
    NavigableMap<Long, Window> merged = new TreeMap<>();
    windows.forEach(
        (index, window) ->
            merged.merge(Math.floorDiv(index, factor), window, (one, other) -> one.add(other)));
    windows = merged;
    length = longer;
  }

  Facts facts() {
    List<Window.Facts> facts = new ArrayList<>();
    windows.forEach((index, window) -> facts.add(window.facts(start(index))));
    List<Refresh> refreshes = new ArrayList<>();
    refreshes.addAll(refreshes("baseline", Window::baselineVersions));
    refreshes.addAll(refreshes("candidate", Window::candidateVersions));
    return new Facts(length, facts, refreshes);
  }

  private long start(long index) {
    return index * length;
  }

  private List<Refresh> refreshes(String side, Function<Window, Map<String, Long>> versions) {
    Map<String, Long> leads = new TreeMap<>();
    Map<String, Long> most = new TreeMap<>();
    Map<String, Long> mostIn = new TreeMap<>();
    for (Map.Entry<Long, Window> entry : windows.entrySet()) {
      Map<String, Long> counts = versions.apply(entry.getValue());
      long top = counts.values().stream().mapToLong(n -> n).max().orElse(0);
      counts.forEach(
          (version, rows) -> {
            if (rows == top) {
              leads.putIfAbsent(version, entry.getKey());
            }
            if (rows > most.getOrDefault(version, 0L)) {
              most.put(version, rows);
              mostIn.put(version, entry.getKey());
            }
          });
    }
    List<Refresh> refreshes = new ArrayList<>();
    mostIn.forEach(
        (version, index) -> {
          long window = leads.getOrDefault(version, index);
          boolean atStart = leads.containsKey(version) && window == windows.firstKey();
          if (!atStart) {
            refreshes.add(new Refresh(side, version, start(window)));
          }
        });
    refreshes.sort(Comparator.comparingLong(Refresh::windowStart));
    return refreshes;
  }
}
