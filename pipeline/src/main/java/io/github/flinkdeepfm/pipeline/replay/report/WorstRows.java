package io.github.flinkdeepfm.pipeline.replay.report;

import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The rows with the largest |Δlogit|; the same ones whatever the order in which they come. */
final class WorstRows {
  /** Characters of an event that are shown. */
  private static final int SHOWN = 16_384;

  private static final Comparator<ReplayRow> WORST_FIRST =
      Comparator.comparingDouble(WorstRows::badness)
          .reversed()
          .thenComparing(ReplayRow::topic)
          .thenComparingInt(ReplayRow::partition)
          .thenComparingLong(ReplayRow::offset);

  private final int limit;
  private final PriorityQueue<ReplayRow> kept = new PriorityQueue<>(WORST_FIRST.reversed());

  /** Scores and their difference are NaN where a logit is. */
  record Line(
      String topic,
      int partition,
      long offset,
      String eventId,
      long eventTime,
      String baselineVersion,
      float baselineLogit,
      float baselineScore,
      String candidateVersion,
      float candidateLogit,
      float candidateScore,
      double absLogit,
      double label,
      String features) {}

  WorstRows(int limit) {
    this.limit = limit;
  }

  void offer(ReplayRow row) {
    if (kept.size() < limit) {
      kept.add(row);
    } else if (limit > 0 && WORST_FIRST.compare(row, kept.element()) < 0) {
      kept.remove();
      kept.add(row);
    }
  }

  /** Worst first. */
  List<Line> lines() {
    return kept.stream().sorted(WORST_FIRST).map(WorstRows::line).toList();
  }

  private static double badness(ReplayRow row) {
    return row.isComparable() ? row.absDelta() : Double.POSITIVE_INFINITY;
  }

  private static Line line(ReplayRow row) {
    return new Line(
        row.topic(),
        row.partition(),
        row.offset(),
        row.eventId(),
        row.eventTime(),
        row.baselineVersion(),
        row.baselineLogit(),
        DeepFmScorer.sigmoid(row.baselineLogit()),
        row.candidateVersion(),
        row.candidateLogit(),
        DeepFmScorer.sigmoid(row.candidateLogit()),
        row.absDelta(),
        row.label(),
        shown(row.features()));
  }

  private static String shown(String features) {
    return features == null || features.length() <= SHOWN
        ? features
        : "%s … (%d characters)".formatted(features.substring(0, SHOWN), features.length());
  }
}
