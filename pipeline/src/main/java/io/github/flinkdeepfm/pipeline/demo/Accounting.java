package io.github.flinkdeepfm.pipeline.demo;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds what was read back against the {@link AnswerKey}: every event exactly once, as a score or
 * as a dead letter with the planted reason. Not thread-safe.
 */
final class Accounting {
  private static final int LISTED = 10;

  private final AnswerKey key;
  private final BitSet seen = new BitSet();
  private final Map<DeadLetterReason, Long> found = new EnumMap<>(DeadLetterReason.class);
  private final List<String> mistakes = new ArrayList<>();
  private long scores;
  private long deadLetters;
  private long duplicates;
  private long unexpected;

  Accounting(AnswerKey key) {
    this.key = key;
  }

  /**
   * Notes a score.
   *
   * @return whether the event may count in statistics: it was not seen before and has a score by
   *     right
   */
  boolean score(int partition, long offset) {
    scores++;
    return outcome(partition, offset, Optional.empty());
  }

  void deadLetter(int partition, long offset, DeadLetterReason reason) {
    deadLetters++;
    found.merge(reason, 1L, Long::sum);
    outcome(partition, offset, Optional.of(reason));
  }

  private boolean outcome(int partition, long offset, Optional<DeadLetterReason> reason) {
    long index = key.indexOf(partition, offset);
    String where = "partition " + partition + " offset " + offset;
    if (index < 0 || index >= key.size()) {
      unexpected++;
      note(where + ": no such event was produced");
      return false;
    }
    if (seen.get((int) index)) {
      duplicates++;
      note(where + ": a second outcome, " + name(reason));
      return false;
    }
    seen.set((int) index);
    Optional<DeadLetterReason> planted = key.reason(index);
    if (!planted.equals(reason)) {
      unexpected++;
      note(where + ": expected " + name(planted) + ", got " + name(reason));
      return false;
    }
    return true;
  }

  private static String name(Optional<DeadLetterReason> reason) {
    return reason.map(r -> "dead letter " + r).orElse("a score");
  }

  private void note(String mistake) {
    if (mistakes.size() < LISTED) {
      mistakes.add(mistake);
    }
  }

  /** Events with at least one outcome. */
  long accounted() {
    return seen.cardinality();
  }

  long scores() {
    return scores;
  }

  long deadLetters() {
    return deadLetters;
  }

  long duplicates() {
    return duplicates;
  }

  /** Outcomes other than planted, and outcomes of events that nobody produced. */
  long unexpected() {
    return unexpected;
  }

  long missing() {
    return key.size() - accounted();
  }

  /** Nothing missing, nothing twice, nothing other than planted. */
  boolean exact() {
    return missing() == 0 && duplicates == 0 && unexpected == 0;
  }

  /** The first mistakes, and the first events that are missing. */
  List<String> mistakes() {
    List<String> all = new ArrayList<>(mistakes);
    int index = seen.nextClearBit(0);
    for (int n = 0; n < LISTED && index < key.size(); n++) {
      all.add("event e" + index + " (partition " + key.partitionOf(index) + "): no outcome");
      index = seen.nextClearBit(index + 1);
    }
    return all;
  }

  /** Dead letters read, by reason. */
  Map<DeadLetterReason, Long> found() {
    return found;
  }

  /** Dead letters that the events so far have to give, by reason. */
  Map<DeadLetterReason, Long> planted() {
    Map<DeadLetterReason, Long> planted = new EnumMap<>(DeadLetterReason.class);
    for (long i = 0; i < key.size(); i++) {
      key.reason(i).ifPresent(reason -> planted.merge(reason, 1L, Long::sum));
    }
    return planted;
  }
}
