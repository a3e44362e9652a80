package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.pipeline.replay.report.ReplayRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * What was recorded for the events of one partition, by their offset: 13 bytes each, 16 more with
 * timings, in pages of 16,384 offsets. Not thread-safe: one thread at a time.
 */
final class PartitionScores {
  private static final int PAGE_BITS = 14;
  private static final int PAGE = 1 << PAGE_BITS;
  private static final int TIMINGS = 4;

  /** An event has a recorded score. */
  static final int SCORED = 1;

  /** An event has a recorded dead letter. */
  static final int DEAD = 2;

  /** The replay has read the event. */
  static final int SEEN = 4;

  /** The replay has compared the event's score. */
  static final int JUDGED = 8;

  /** One of the two versions around a dead letter made something else of the event. */
  static final int DIFFERED = 16;

  /** No version, where the number of one could stand. */
  static final int NO_VERSION = Character.MAX_VALUE;

  private final TreeMap<Long, Page> pages = new TreeMap<>();
  private Page last;
  private long lastNumber = -1;

  /** A dead letter has its reason for a logit, and the versions around it for its two names. */
  private static final class Page {
    final int[] logits = new int[PAGE];
    final char[] versions = new char[PAGE];
    final char[] numerics = new char[PAGE];
    final int[] idHashes = new int[PAGE];
    float[] timings;
    final byte[] flags = new byte[PAGE];
  }

  /** Takes the offsets whose flags are not all clear, in their order. */
  interface Visitor {
    void visit(long offset, int flags);
  }

  /**
   * @param timing queue, batch, score and sink in milliseconds; null if unknown
   */
  void put(long offset, float logit, int version, int fingerprint, int idHash, float[] timing) {
    Page page = page(offset);
    int at = at(offset);
    page.logits[at] = Float.floatToRawIntBits(logit);
    page.versions[at] = (char) version;
    page.numerics[at] = (char) fingerprint;
    page.idHashes[at] = idHash;
    if (timing != null) {
      if (page.timings == null) {
        page.timings = new float[TIMINGS * PAGE];
        Arrays.fill(page.timings, -1);
      }
      System.arraycopy(timing, 0, page.timings, TIMINGS * at, TIMINGS);
    }
    page.flags[at] |= SCORED;
  }

  /**
   * @param reason number of its reason
   */
  void putDeadLetter(long offset, int reason) {
    Page page = page(offset);
    page.logits[at(offset)] = reason;
    page.flags[at(offset)] |= DEAD;
  }

  /**
   * Finds for each dead letter the versions of the scores before and after it. A dead letter does
   * not name the version that made it; versions change between two events, so it was one of these.
   *
   * @param first version, for a partition without any score
   * @param last version, likewise
   */
  void settleDeadLetters(int first, int last) {
    List<Long> letters = new ArrayList<>();
    int[] before = {NO_VERSION};
    forEach(
        (offset, flags) -> {
          if ((flags & SCORED) != 0) {
            int version = version(offset);
            settle(letters, before[0] == NO_VERSION ? version : before[0], version);
            before[0] = version;
          } else if ((flags & DEAD) != 0) {
            letters.add(offset);
          }
        });
    boolean scored = before[0] != NO_VERSION;
    settle(letters, scored ? before[0] : first, scored ? before[0] : last);
  }

  private void settle(List<Long> letters, int before, int after) {
    for (long offset : letters) {
      page(offset).versions[at(offset)] = (char) before;
      page(offset).numerics[at(offset)] = (char) after;
    }
    letters.clear();
  }

  int flags(long offset) {
    Page page = find(offset);
    return page == null ? 0 : page.flags[at(offset)];
  }

  void mark(long offset, int flag) {
    page(offset).flags[at(offset)] |= (byte) flag;
  }

  /** Only of scored offsets, like the getters below. */
  float logit(long offset) {
    return Float.intBitsToFloat(page(offset).logits[at(offset)]);
  }

  int version(long offset) {
    return page(offset).versions[at(offset)];
  }

  int numerics(long offset) {
    return page(offset).numerics[at(offset)];
  }

  int idHash(long offset) {
    return page(offset).idHashes[at(offset)];
  }

  /** Only of dead letters, like the two below. */
  int reason(long offset) {
    return page(offset).logits[at(offset)];
  }

  /** The version of the score before the dead letter, once that is settled. */
  int versionBefore(long offset) {
    return page(offset).versions[at(offset)];
  }

  int versionAfter(long offset) {
    return page(offset).numerics[at(offset)];
  }

  /** Milliseconds of the recorded run; -1 where unknown. */
  ReplayRow.Latency latency(long offset) {
    float[] timings = page(offset).timings;
    if (timings == null) {
      return ReplayRow.Latency.UNKNOWN;
    }
    int at = TIMINGS * at(offset);
    return new ReplayRow.Latency(timings[at], timings[at + 1], timings[at + 2], timings[at + 3]);
  }

  void forEach(Visitor visitor) {
    pages.forEach(
        (number, page) -> {
          for (int at = 0; at < PAGE; at++) {
            if (page.flags[at] != 0) {
              visitor.visit((number << PAGE_BITS) + at, page.flags[at]);
            }
          }
        });
  }

  private static int at(long offset) {
    return (int) (offset & (PAGE - 1));
  }

  private Page page(long offset) {
    Page page = find(offset);
    if (page == null) {
      page = new Page();
      pages.put(offset >>> PAGE_BITS, page);
      last = page;
      lastNumber = offset >>> PAGE_BITS;
    }
    return page;
  }

  private Page find(long offset) {
    long number = offset >>> PAGE_BITS;
    if (number != lastNumber) {
      last = pages.get(number);
      lastNumber = number;
    }
    return last;
  }
}
