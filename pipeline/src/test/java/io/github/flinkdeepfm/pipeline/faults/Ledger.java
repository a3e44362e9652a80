package io.github.flinkdeepfm.pipeline.faults;

import io.github.flinkdeepfm.pipeline.CommittedScore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What has come out of one stream so far, event by event, as a read_committed consumer sees it.
 * Thread-safe.
 */
final class Ledger {
  private static final int LISTED = 10;
  private static final short NOTHING = 0;
  private static final short DEAD_LETTER = -1;

  private final int partitions;
  private final List<String> versions = new ArrayList<>();
  private final List<String> mistakes = new ArrayList<>();

  /** By event: nothing, dead letter, or 1 + index of the version. */
  private short[] outcomes = new short[1 << 16];

  private int[] logitBits = new int[1 << 16];
  private long accounted;
  private int complete;
  private long doubled;
  private long unexpected;
  private long watchedFrom = Long.MAX_VALUE;
  private long firstScoreSince;

  Ledger(int partitions) {
    this.partitions = partitions;
  }

  synchronized void score(CommittedScore score, long now) {
    int event = event(score.partition(), score.offset());
    if (FaultEvents.reason(event).isPresent() || !score.eventId().equals("" + event)) {
      mistake(event, "is no score of this event: " + score);
    }
    int version = versions.indexOf(score.version());
    if (version < 0) {
      version = versions.size();
      versions.add(score.version());
    }
    if (account(event, (short) (version + 1))) {
      logitBits[event] = Float.floatToRawIntBits(score.logit());
    }
    if (score.scoredAt() > watchedFrom) {
      watchedFrom = Long.MAX_VALUE;
      firstScoreSince = now;
    }
  }

  synchronized void deadLetter(int partition, long offset, String reason) {
    int event = event(partition, offset);
    if (!FaultEvents.reason(event).orElse("a score").equals(reason)) {
      mistake(event, "is not a dead letter " + reason);
    }
    account(event, DEAD_LETTER);
  }

  private int event(int partition, long offset) {
    return Math.toIntExact(offset * partitions + partition);
  }

  private boolean account(int event, short outcome) {
    if (event >= outcomes.length) {
      outcomes = Arrays.copyOf(outcomes, Math.max(event + 1, 2 * outcomes.length));
      logitBits = Arrays.copyOf(logitBits, outcomes.length);
    }
    if (outcomes[event] != NOTHING) {
      doubled++;
      note("event " + event + " came out twice");
      return false;
    }
    outcomes[event] = outcome;
    accounted++;
    while (complete < outcomes.length && outcomes[complete] != NOTHING) {
      complete++;
    }
    return true;
  }

  synchronized void mistake(int event, String what) {
    unexpected++;
    note("event " + event + " " + what);
  }

  private void note(String mistake) {
    if (mistakes.size() < LISTED) {
      mistakes.add(mistake);
    }
  }

  /** Looks out for the first committed score that was made after {@code millis}. */
  synchronized void watch(long millis) {
    watchedFrom = millis;
    firstScoreSince = 0;
  }

  /** When that score was read, epoch milliseconds; 0 if none was. */
  synchronized long firstScoreSince() {
    return firstScoreSince;
  }

  /** Events with an outcome. */
  synchronized long accounted() {
    return accounted;
  }

  /** Every event before this one has an outcome. */
  synchronized int complete() {
    return complete;
  }

  /** How many events before {@code end} have no outcome. */
  synchronized long missing(long end) {
    long missing = 0;
    for (int event = complete; event < end; event++) {
      missing += event < outcomes.length && outcomes[event] != NOTHING ? 0 : 1;
    }
    return missing;
  }

  synchronized long doubled() {
    return doubled;
  }

  /** Outcomes other than they have to be, wrong bits among them. */
  synchronized long unexpected() {
    return unexpected;
  }

  synchronized List<String> mistakes() {
    return List.copyOf(mistakes);
  }

  /** The versions of all scores, in the order of their first. */
  synchronized List<String> versions() {
    return List.copyOf(versions);
  }

  /** The version that scored an event; empty if it is a dead letter. */
  synchronized String version(int event) {
    return outcomes[event] == DEAD_LETTER ? "" : versions.get(outcomes[event] - 1);
  }

  synchronized int logitBits(int event) {
    return logitBits[event];
  }
}
