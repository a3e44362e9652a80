package io.github.flinkdeepfm.pipeline.replay.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** By feature: how often it is null or unknown, and how long its bags are. */
final class FeatureTable {
  private final Map<String, Tally> features = new LinkedHashMap<>();

  private static final class Tally {
    private long events;
    private long nulls;
    private long unknown;
    private long[] lengths = {};
  }

  /**
   * @param nullRate of the events
   * @param unknownRate of the events
   * @param bagMean ids an event, with the others of bags NaN for a dense feature
   * @param bagLengths how many bags of length 0, 1, …; the last is of that length or more
   */
  record Line(
      String feature,
      long events,
      long nulls,
      double nullRate,
      long unknown,
      double unknownRate,
      double bagMean,
      double bagP50,
      double bagP99,
      double bagMax,
      List<Long> bagLengths) {}

  void add(String feature, long events, long nulls, long unknown, long[] bagLengths) {
    Tally tally = features.computeIfAbsent(feature, f -> new Tally());
    tally.events += events;
    tally.nulls += nulls;
    tally.unknown += unknown;
    if (bagLengths.length > tally.lengths.length) {
      tally.lengths = Arrays.copyOf(tally.lengths, bagLengths.length);
    }
    for (int length = 0; length < bagLengths.length; length++) {
      tally.lengths[length] += bagLengths[length];
    }
  }

  List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    features.forEach((feature, tally) -> lines.add(line(feature, tally)));
    return lines;
  }

  private static Line line(String feature, Tally tally) {
    double ids = 0;
    double bags = 0;
    int longest = -1;
    for (int length = 0; length < tally.lengths.length; length++) {
      bags += tally.lengths[length];
      ids += (double) length * tally.lengths[length];
      longest = tally.lengths[length] > 0 ? length : longest;
    }
    return new Line(
        feature,
        tally.events,
        tally.nulls,
        (double) tally.nulls / tally.events,
        tally.unknown,
        (double) tally.unknown / tally.events,
        ids / bags,
        quantile(tally.lengths, 0.5 * bags),
        quantile(tally.lengths, 0.99 * bags),
        longest < 0 ? Double.NaN : longest,
        Arrays.stream(tally.lengths).limit(longest + 1L).boxed().toList());
  }

  /** The smallest length that at least {@code rank} bags do not exceed. */
  private static double quantile(long[] lengths, double rank) {
    long seen = 0;
    for (int length = 0; length < lengths.length; length++) {
      seen += lengths[length];
      if (seen > 0 && seen >= rank) {
        return length;
      }
    }
    return Double.NaN;
  }
}
