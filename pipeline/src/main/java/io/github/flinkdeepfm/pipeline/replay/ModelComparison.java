package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import io.github.flinkdeepfm.pipeline.replay.Finding.Side;
import io.github.flinkdeepfm.pipeline.replay.report.Coverage;
import io.github.flinkdeepfm.pipeline.replay.report.ReplayRow;
import io.github.flinkdeepfm.pipeline.replay.report.ReportBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Takes the candidate's scores, looks up the baseline's in the index, and hands both to the report.
 */
final class ModelComparison implements Judge {
  private final ScoreIndex baseline;
  private final String candidate;
  private final Labels labels;
  private final ReportBuilder report;
  private final Supplier<FeatureRates> newRates;
  private final Map<Integer, FeatureRates> rates = new ConcurrentHashMap<>();
  private long compared;
  private long identical;
  private long deadLetters;
  private double maxAbsLogit;

  /**
   * @param candidate what the report calls the candidate
   * @param newRates for the events of one partition
   */
  ModelComparison(
      ScoreIndex baseline,
      String candidate,
      Labels labels,
      ReportBuilder report,
      Supplier<FeatureRates> newRates) {
    this.baseline = baseline;
    this.candidate = candidate;
    this.labels = labels;
    this.report = report;
    this.newRates = newRates;
  }

  @Override
  public boolean wants(RawEvent event) {
    return true;
  }

  @Override
  public void scored(ScoredEvent event) {
    RawEvent raw = event.event();
    SourceCoordinates at = raw.source();
    rates.computeIfAbsent(at.partition(), p -> newRates.get()).add(raw.value());
    Side before = baseline(at);
    ReplayRow row =
        row(event, before, baseline.latency(at), candidate, event.logit(), labels.of(event));
    synchronized (this) {
      report.add(row);
      if (before != null) {
        compared++;
        identical +=
            Float.floatToRawIntBits(before.logit()) == Float.floatToRawIntBits(event.logit())
                ? 1
                : 0;
        maxAbsLogit = Math.max(maxAbsLogit, Math.abs((double) event.logit() - before.logit()));
      }
    }
  }

  /** A row of the report; {@code recorded} null: that side has no score. */
  static ReplayRow row(
      ScoredEvent event,
      Side recorded,
      ReplayRow.Latency latency,
      String replayedVersion,
      float replayed,
      double label) {
    SourceCoordinates at = event.event().source();
    return new ReplayRow(
        at.topic(),
        at.partition(),
        at.offset(),
        event.eventId(),
        event.timestamp(),
        recorded == null ? null : recorded.modelVersion(),
        recorded == null ? Float.NaN : recorded.logit(),
        replayedVersion,
        replayed,
        label,
        latency,
        new String(event.event().value(), StandardCharsets.UTF_8));
  }

  @Override
  public void rejected(DeadLetter letter) {
    RawEvent raw = letter.event();
    SourceCoordinates at = raw.source();
    Side before = baseline(at);
    synchronized (this) {
      if (before == null) {
        deadLetters++;
        return;
      }
      report.count(Coverage.MIXED_SCHEMA, 1);
    }
  }

  private Side baseline(SourceCoordinates at) {
    int flags = baseline.partition(at.partition()).flags(at.offset());
    return (flags & PartitionScores.SCORED) == 0
        ? null
        : baseline.side(at.partition(), at.offset());
  }

  /** Tells the report what is known at the end. */
  synchronized void finish() {
    rates.values().forEach(rate -> rate.addTo(report));
    report.count(Coverage.MATCHED, compared);
    report.count(Coverage.DEAD_LETTERED, deadLetters);
    report.count(Coverage.UNMATCHED_LABEL, labels.unmatched());
  }

  /** Events that both sides scored. */
  long compared() {
    return compared;
  }

  /** Of those, the ones with equal bits. */
  long identical() {
    return identical;
  }

  double maxAbsLogit() {
    return maxAbsLogit;
  }
}
