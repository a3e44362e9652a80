package io.github.flinkdeepfm.pipeline.replay.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Differences by the pair of versions that scored, so that a version that differs is named. */
final class VersionTable {
  /** Scores are input, and may name any number of versions. */
  private static final int LIMIT = 256;

  private static final Pair OTHERS = new Pair("(others)", "(others)");

  private final Map<Pair, Tally> tallies = new LinkedHashMap<>();

  private record Pair(String baseline, String candidate) {}

  private static final class Tally {
    private long rows;
    private long identical;
    private double maxAbsLogit;
    private long first = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;
  }

  /**
   * @param firstEventTime epoch milliseconds
   * @param lastEventTime epoch milliseconds
   */
  record Line(
      String baselineVersion,
      String candidateVersion,
      long rows,
      long bitIdentical,
      double maxAbsLogit,
      long firstEventTime,
      long lastEventTime) {}

  void add(ReplayRow row, boolean same) {
    Pair pair = new Pair(name(row.baselineVersion()), name(row.candidateVersion()));
    if (tallies.size() >= LIMIT && !tallies.containsKey(pair)) {
      pair = OTHERS;
    }
    Tally tally = tallies.computeIfAbsent(pair, p -> new Tally());
    tally.rows++;
    tally.identical += same ? 1 : 0;
    tally.maxAbsLogit = Math.max(tally.maxAbsLogit, row.absDelta());
    tally.first = Math.min(tally.first, row.eventTime());
    tally.last = Math.max(tally.last, row.eventTime());
  }

  static String name(String version) {
    return Objects.requireNonNullElse(version, "(none)");
  }

  /** By first event time. */
  List<Line> lines() {
    return tallies.entrySet().stream()
        .map(
            entry -> {
              Tally tally = entry.getValue();
              return new Line(
                  entry.getKey().baseline(),
                  entry.getKey().candidate(),
                  tally.rows,
                  tally.identical,
                  tally.maxAbsLogit,
                  tally.first,
                  tally.last);
            })
        .sorted(
            Comparator.comparingLong(Line::firstEventTime)
                .thenComparing(Line::baselineVersion)
                .thenComparing(Line::candidateVersion))
        .toList();
  }
}
