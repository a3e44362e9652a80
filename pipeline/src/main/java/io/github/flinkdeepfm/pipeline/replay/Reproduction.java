package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import io.github.flinkdeepfm.pipeline.replay.Finding.Kind;
import io.github.flinkdeepfm.pipeline.replay.Finding.Side;
import io.github.flinkdeepfm.pipeline.replay.Range.Part;
import io.github.flinkdeepfm.pipeline.replay.Range.Span;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * Scores each event of a range again with the version that its recorded score names, and compares
 * the logits bit by bit. Scores of another machine's arithmetic (another {@code numerics}
 * fingerprint) are compared to tolerance and counted apart.
 */
final class Reproduction {
  /** |replayed − recorded| ≤ 1e-5 · max(1, |recorded|), as for parity samples. */
  private static final double TOLERANCE = 1e-5;

  private final Recording recording;
  private final ScoreIndex index;
  private final Findings findings;
  private final Comparisons comparisons;
  private final LongAdder events = new LongAdder();
  private final LongAdder matched = new LongAdder();
  private final LongAdder deadLetters = new LongAdder();
  private final LongAdder deadAgain = new LongAdder();
  private final LongAdder identical = new LongAdder();
  private final LongAdder otherNumerics = new LongAdder();
  private final Map<Integer, LongAdder> mismatches = new TreeMap<>();
  private final Set<String> fingerprints = ConcurrentHashMap.newKeySet();

  /** Takes each pair of scores, for the report; from several threads. */
  interface Comparisons {
    Comparisons NONE = (event, recorded) -> {};

    void add(ScoredEvent replayed, Side recorded);
  }

  Reproduction(Recording recording, ScoreIndex index, Findings findings, Comparisons comparisons) {
    this.recording = recording;
    this.index = index;
    this.findings = findings;
    this.comparisons = comparisons;
  }

  /**
   * What came of it; the rest is among the findings.
   *
   * @param events of the range that were read
   * @param matched of them that have a recorded score
   * @param deadLetters of them that have a recorded dead letter
   * @param deadAgain of these that are dead letters of the same reason again
   * @param identical scores of the same bits
   * @param otherNumerics scores of other arithmetic within tolerance; may have the same bits
   * @param versions names of those that scored, with the scores that each did not reproduce
   * @param fingerprints of this machine's arithmetic
   */
  record Result(
      long events,
      long matched,
      long deadLetters,
      long deadAgain,
      long identical,
      long otherNumerics,
      Map<String, Long> versions,
      Set<String> fingerprints) {}

  /** Runs one job a version. */
  Result run(ReplayJob job, Versions versions) throws Exception {
    Set<Integer> usable = new TreeSet<>();
    for (int version = 0; version < index.versions().size(); version++) {
      if (versions.exists(index.versions().name(version))) {
        usable.add(version);
      }
    }
    int first = usable.isEmpty() ? PartitionScores.NO_VERSION : usable.iterator().next();
    int last = usable.stream().mapToInt(v -> v).max().orElse(PartitionScores.NO_VERSION);
    for (int partition : recording.range().parts().keySet()) {
      index.partition(partition).settleDeadLetters(first, last);
    }
    Map<Integer, Map<Integer, Span>> schedule = Schedule.of(recording.range(), index, usable);
    for (Map.Entry<Integer, Map<Integer, Span>> part : schedule.entrySet()) {
      mismatches.put(part.getKey(), new LongAdder());
      Versions.Usable version = versions.get(index.versions().name(part.getKey()));
      job.run(
          recording.events(part.getValue()), version.settings(), new VersionJudge(part.getKey()));
    }
    if (schedule.isEmpty()) {
      recording.readEvents((event, appended) -> sees(event));
    }
    reportUnjudged(usable);
    return new Result(
        events.sum(),
        matched.sum(),
        deadLetters.sum(),
        deadAgain.sum(),
        identical.sum(),
        otherNumerics.sum(),
        mismatches.entrySet().stream()
            .collect(
                Collectors.toMap(
                    e -> index.versions().name(e.getKey()),
                    e -> e.getValue().sum(),
                    Long::sum,
                    TreeMap::new)),
        fingerprints);
  }

  /** Notes that an event is there; returns the flags that it had before. */
  private int sees(RawEvent event) {
    SourceCoordinates at = event.source();
    PartitionScores partition = index.partition(at.partition());
    int flags = partition.flags(at.offset());
    if ((flags & PartitionScores.SEEN) != 0) {
      return flags;
    }
    partition.mark(at.offset(), PartitionScores.SEEN);
    events.increment();
    if ((flags & PartitionScores.DEAD) != 0) {
      deadLetters.increment();
    } else if ((flags & PartitionScores.SCORED) != 0) {
      matched.increment();
    } else {
      findings.add(
          new Finding(
              Kind.MISSING_SCORE,
              at.topic(),
              at.partition(),
              at.offset(),
              "expected a score or a dead letter, got none; if the job is still at work, replay"
                  + " after its next checkpoint or end the range before (--to)",
              "",
              null,
              null,
              event.value()));
    }
    return flags;
  }

  /** What no job has read, and scores that no job could compute. */
  private void reportUnjudged(Set<Integer> usable) {
    Map<Integer, long[]> gone = new TreeMap<>();
    for (Map.Entry<Integer, Part> part : recording.range().parts().entrySet()) {
      int partition = part.getKey();
      PartitionScores scores = index.partition(partition);
      long[] deleted = new long[1];
      scores.forEach(
          (offset, flags) -> {
            if ((flags & PartitionScores.SEEN) == 0) {
              deleted[0] += offset < part.getValue().from() ? 1 : 0;
              lost(partition, part.getValue(), offset, flags);
            } else if ((flags & (PartitionScores.SCORED | PartitionScores.DEAD)) != 0
                && (flags & PartitionScores.JUDGED) == 0) {
              boolean scored = (flags & PartitionScores.SCORED) != 0;
              gone.computeIfAbsent(
                      missing(scores, offset, scored, usable),
                      v -> new long[] {0, 0, partition, offset})[scored ? 0 : 1]++;
            }
          });
      reportGap(partition, part.getValue(), deleted[0]);
    }
    gone.forEach(
        (version, first) ->
            findings.add(
                Finding.of(
                    Kind.VERSION_GONE,
                    recording.range().topic(),
                    (int) first[2],
                    first[3],
                    "expected %s in the model root for %d scores and %d dead letters (this is the first), got none"
                        .formatted(
                            version == PartitionScores.NO_VERSION
                                ? "a version of the range"
                                : "version " + index.versions().name(version),
                            first[0],
                            first[1])),
                first[0] + first[1]));
  }

  /** The version that would have judged an event. */
  private static int missing(
      PartitionScores scores, long offset, boolean scored, Set<Integer> usable) {
    if (scored) {
      return scores.version(offset);
    }
    int before = scores.versionBefore(offset);
    return usable.contains(before) ? scores.versionAfter(offset) : before;
  }

  private void lost(int partition, Part part, long offset, int flags) {
    boolean deleted = offset < part.from();
    boolean scored = (flags & PartitionScores.SCORED) != 0;
    findings.add(
        new Finding(
            deleted ? Kind.RETENTION_GAP : Kind.ORPHAN_SCORE,
            recording.range().topic(),
            partition,
            offset,
            deleted
                ? "expected the event, got a topic that begins at offset " + part.from()
                : "expected the event, got no record at its offset",
            "",
            scored ? index.side(partition, offset) : null,
            null,
            null));
  }

  /** Deleted offsets that were asked for and of which no outcome tells. */
  private void reportGap(int partition, Part part, long deleted) {
    long untold = part.asked() == 0 ? 0 : part.from() - part.asked() - deleted;
    if (untold > 0) {
      findings.add(
          Finding.of(
              Kind.RETENTION_GAP,
              recording.range().topic(),
              partition,
              part.asked(),
              "expected the range from offset %d on, got a topic that begins at offset %d"
                  .formatted(part.asked(), part.from())),
          untold);
    }
  }

  /** Compares the scores of one version. */
  private final class VersionJudge implements Judge {
    private final int version;

    VersionJudge(int version) {
      this.version = version;
    }

    @Override
    public boolean wants(RawEvent event) {
      int flags = sees(event);
      SourceCoordinates at = event.source();
      if ((flags & PartitionScores.JUDGED) != 0) {
        return false;
      }
      PartitionScores partition = index.partition(at.partition());
      if ((flags & PartitionScores.SCORED) != 0) {
        return partition.version(at.offset()) == version;
      }
      return (flags & PartitionScores.DEAD) != 0
          && (partition.versionBefore(at.offset()) == version
              || partition.versionAfter(at.offset()) == version);
    }

    @Override
    public void scored(ScoredEvent event) {
      SourceCoordinates at = event.event().source();
      PartitionScores partition = index.partition(at.partition());
      if ((partition.flags(at.offset()) & PartitionScores.DEAD) != 0) {
        Side replayed = new Side(event.modelVersion(), event.logit(), event.numerics());
        otherOutcome(event.event(), "logit " + event.logit(), event.eventId(), replayed);
        return;
      }
      partition.mark(at.offset(), PartitionScores.JUDGED);
      Side recorded = index.side(at.partition(), at.offset());
      comparisons.add(event, recorded);
      fingerprints.add(event.numerics());
      if (partition.idHash(at.offset()) != event.eventId().hashCode()) {
        fail(
            Kind.OTHER_EVENT,
            event,
            recorded,
            "expected the id of the recorded score, got another");
        return;
      }
      boolean same =
          Float.floatToRawIntBits(event.logit()) == Float.floatToRawIntBits(recorded.logit());
      if (recorded.numerics().equals(event.numerics())) {
        if (same) {
          identical.increment();
        } else {
          fail(Kind.MISMATCH, event, recorded, differs(recorded, event.logit()));
        }
        return;
      }
      double difference = Math.abs((double) event.logit() - recorded.logit());
      if (difference <= TOLERANCE * Math.max(1, Math.abs(recorded.logit()))) {
        otherNumerics.increment();
        findings.count(Kind.OTHER_NUMERICS, 1);
      } else {
        fail(
            Kind.MISMATCH,
            event,
            recorded,
            differs(recorded, event.logit())
                + ", beyond the tolerance of 1e-5 for other arithmetic");
      }
    }

    @Override
    public void rejected(DeadLetter letter) {
      SourceCoordinates at = letter.event().source();
      PartitionScores partition = index.partition(at.partition());
      if ((partition.flags(at.offset()) & PartitionScores.DEAD) != 0) {
        rejectedAgain(letter, partition);
        return;
      }
      partition.mark(at.offset(), PartitionScores.JUDGED);
      mismatches.get(version).increment();
      findings.add(
          new Finding(
              Kind.REJECTED,
              at.topic(),
              at.partition(),
              at.offset(),
              "expected a score, got " + letter.reason() + ": " + letter.detail(),
              "",
              index.side(at.partition(), at.offset()),
              null,
              letter.event().value()));
    }

    private void rejectedAgain(DeadLetter letter, PartitionScores partition) {
      SourceCoordinates at = letter.event().source();
      if (letter.reason().name().equals(index.reason(at.partition(), at.offset()))) {
        partition.mark(at.offset(), PartitionScores.JUDGED);
        deadAgain.increment();
      } else {
        otherOutcome(letter.event(), letter.reason() + ": " + letter.detail(), "", null);
      }
    }

    /** A dead letter between two versions may be of either: both must make something else of it. */
    private void otherOutcome(RawEvent event, String got, String eventId, Side replayed) {
      SourceCoordinates at = event.source();
      PartitionScores partition = index.partition(at.partition());
      boolean other = partition.versionBefore(at.offset()) != partition.versionAfter(at.offset());
      if (other && (partition.flags(at.offset()) & PartitionScores.DIFFERED) == 0) {
        partition.mark(at.offset(), PartitionScores.DIFFERED);
        return;
      }
      partition.mark(at.offset(), PartitionScores.JUDGED);
      mismatches.get(version).increment();
      findings.add(
          new Finding(
              Kind.OTHER_OUTCOME,
              at.topic(),
              at.partition(),
              at.offset(),
              "expected dead letter %s again, got %s by version %s"
                  .formatted(
                      index.reason(at.partition(), at.offset()),
                      got,
                      index.versions().name(version)),
              eventId,
              null,
              replayed,
              event.value()));
    }

    private void fail(Kind kind, ScoredEvent event, Side recorded, String detail) {
      SourceCoordinates at = event.event().source();
      mismatches.get(version).increment();
      findings.add(
          new Finding(
              kind,
              at.topic(),
              at.partition(),
              at.offset(),
              detail,
              event.eventId(),
              recorded,
              new Side(event.modelVersion(), event.logit(), event.numerics()),
              event.event().value()));
    }
  }

  private static String differs(Side recorded, float replayed) {
    return "expected logit %s (bits %08x), got %s (%08x)"
        .formatted(
            recorded.logit(),
            Float.floatToRawIntBits(recorded.logit()),
            replayed,
            Float.floatToRawIntBits(replayed));
  }
}
