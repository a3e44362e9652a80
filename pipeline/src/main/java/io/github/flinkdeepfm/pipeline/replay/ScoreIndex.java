package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import io.github.flinkdeepfm.pipeline.replay.Finding.Kind;
import io.github.flinkdeepfm.pipeline.replay.Finding.Side;
import io.github.flinkdeepfm.pipeline.replay.report.ReplayRow;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * The recorded outcomes of a range, by the coordinates of their events. Filled by one thread; then
 * each partition may be used by one thread at a time.
 */
final class ScoreIndex {
  private final Range range;
  private final Findings findings;
  private final Map<Integer, PartitionScores> partitions = new TreeMap<>();
  private final Names versions = new Names();
  private final Names numerics = new Names();
  private final Names reasons = new Names();
  private long scores;
  private long deadLetters;
  private long outside;

  private ScoreIndex(Range range, Findings findings) {
    this.range = range;
    this.findings = findings;
    range.parts().keySet().forEach(p -> partitions.put(p, new PartitionScores()));
  }

  /** Reads what was recorded; what cannot be read or comes twice goes to the findings. */
  static ScoreIndex read(Recording recording, Findings findings, ReplayProgress progress)
      throws IOException {
    ScoreIndex index = new ScoreIndex(recording.range(), findings);
    progress.phase("reading recorded scores", 0);
    recording.readScores(
        (record, appended) -> {
          progress.step();
          index.addScore(record, appended);
        });
    progress.phase("reading recorded dead letters", 0);
    recording.readDeadLetters(
        (record, appended) -> {
          progress.step();
          index.addDeadLetter(record);
        });
    return index;
  }

  /** An index to be filled by {@link #recorder}. */
  static ScoreIndex empty(Range range, Findings findings) {
    return new ScoreIndex(range, findings);
  }

  /** Takes what a job scores and rejects for what was recorded. */
  Judge recorder() {
    return new Judge() {
      @Override
      public boolean wants(RawEvent event) {
        return true;
      }

      @Override
      public void scored(ScoredEvent event) {
        record(event);
      }

      @Override
      public void rejected(DeadLetter letter) {
        SourceCoordinates at = letter.event().source();
        int reason;
        synchronized (ScoreIndex.this) {
          deadLetters++;
          reason = reasons.number(letter.reason().name());
        }
        partitions.get(at.partition()).putDeadLetter(at.offset(), reason);
      }
    };
  }

  private void record(ScoredEvent event) {
    SourceCoordinates at = event.event().source();
    int version;
    int fingerprint;
    synchronized (this) {
      scores++;
      version = versions.number(event.modelVersion());
      fingerprint = numerics.number(event.numerics());
    }
    partitions
        .get(at.partition())
        .put(at.offset(), event.logit(), version, fingerprint, event.eventId().hashCode(), null);
  }

  private void addScore(RawEvent record, boolean appended) {
    RecordedScore score;
    try {
      score = RecordedScore.score(record, appended);
    } catch (IOException e) {
      unreadable(record, e);
      return;
    }
    SourceCoordinates source = score.source();
    if (isOutside(source)) {
      return;
    }
    scores++;
    PartitionScores partition = partitions.get(source.partition());
    if (refuseSecond(partition, score)) {
      return;
    }
    partition.put(
        source.offset(),
        score.logit(),
        versions.number(score.modelVersion()),
        numerics.number(score.numerics()),
        score.eventId().hashCode(),
        score.timing());
  }

  private void addDeadLetter(RawEvent record) {
    RecordedScore letter;
    try {
      letter = RecordedScore.deadLetter(record);
    } catch (IOException e) {
      unreadable(record, e);
      return;
    }
    SourceCoordinates source = letter.source();
    if (isOutside(source)) {
      return;
    }
    deadLetters++;
    PartitionScores partition = partitions.get(source.partition());
    if (!refuseSecond(partition, letter)) {
      partition.putDeadLetter(source.offset(), reasons.number(letter.reason()));
    }
  }

  private boolean isOutside(SourceCoordinates source) {
    if (range.contains(source.topic(), source.partition(), source.offset())) {
      return false;
    }
    outside++;
    return true;
  }

  /** An event has one outcome; the first one read stands. */
  private boolean refuseSecond(PartitionScores partition, RecordedScore second) {
    SourceCoordinates source = second.source();
    int flags = partition.flags(source.offset());
    if (flags == 0) {
      return false;
    }
    boolean scored = (flags & PartitionScores.SCORED) != 0;
    Side side =
        second.modelVersion() == null
            ? null
            : new Side(second.modelVersion(), second.logit(), second.numerics());
    findings.add(
        new Finding(
            Kind.DOUBLED,
            source.topic(),
            source.partition(),
            source.offset(),
            "expected one outcome, got a "
                + (scored ? "score" : "dead letter")
                + " and a "
                + (side == null ? "dead letter" : "score"),
            second.eventId() == null ? "" : second.eventId(),
            scored ? side(source.partition(), source.offset()) : null,
            side,
            null));
    return true;
  }

  private void unreadable(RawEvent record, IOException e) {
    SourceCoordinates at = record.source();
    findings.add(
        new Finding(
            Kind.UNREADABLE,
            at.topic(),
            at.partition(),
            at.offset(),
            String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
            "",
            null,
            null,
            record.value()));
  }

  /** Of a partition of the range. */
  PartitionScores partition(int number) {
    return partitions.get(number);
  }

  /** The recorded score of an event that has one. */
  Side side(int partition, long offset) {
    PartitionScores p = partitions.get(partition);
    return new Side(
        versions.name(p.version(offset)), p.logit(offset), numerics.name(p.numerics(offset)));
  }

  /** Why an event that has a dead letter has one. */
  String reason(int partition, long offset) {
    return reasons.name(partitions.get(partition).reason(offset));
  }

  /** Where the time of a recorded event went. */
  ReplayRow.Latency latency(SourceCoordinates at) {
    return partitions.get(at.partition()).latency(at.offset());
  }

  /** The versions that scores of the range name. */
  Names versions() {
    return versions;
  }

  Names numerics() {
    return numerics;
  }

  /** Scores in the range, doubled ones too. */
  long scores() {
    return scores;
  }

  long deadLetters() {
    return deadLetters;
  }

  /** Outcomes of events that do not belong to the range. */
  long outside() {
    return outside;
  }
}
