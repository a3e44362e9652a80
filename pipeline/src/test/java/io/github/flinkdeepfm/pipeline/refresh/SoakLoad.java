package io.github.flinkdeepfm.pipeline.refresh;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.util.Collector;

/**
 * One subtask's events and what came of them. Written by the task's thread, read by others; a job
 * restart, which does not happen in a soak, would count as loss.
 */
final class SoakLoad {
  /** One event in this many lacks a dense value, and becomes a dead letter. */
  private static final int BAD_EVERY = 1000;

  static volatile SoakLoad[] subtasks = {};
  static volatile boolean stopped;
  static volatile int rows;
  static volatile long periodNanos;

  private final BitSet seen = new BitSet();
  private long sent;
  private long scores;
  private long deadLetters;
  private long twice;
  private String version = "";
  private long last;
  private long longestGap;
  private long switchGap;

  /**
   * @param eventsPerSecond of all subtasks; {@link Integer#MAX_VALUE}: as fast as they go
   */
  static void reset(int parallelism, int rowsOfATable, int eventsPerSecond) {
    stopped = false;
    rows = rowsOfATable;
    periodNanos = 1_000_000_000L * parallelism / eventsPerSecond;
    SoakLoad[] fresh = new SoakLoad[parallelism];
    for (int i = 0; i < parallelism; i++) {
      fresh[i] = new SoakLoad();
    }
    subtasks = fresh;
  }

  /** Whether every subtask's last score is by this version. */
  static boolean scoredBy(int version) {
    String name = SoakModel.name(version);
    return Arrays.stream(subtasks).allMatch(s -> s.version().equals(name));
  }

  static long total(ToLongFunction<SoakLoad> value) {
    return Arrays.stream(subtasks).mapToLong(value).sum();
  }

  synchronized String version() {
    return version;
  }

  synchronized long sent() {
    return sent;
  }

  synchronized long scores() {
    return scores;
  }

  synchronized long deadLetters() {
    return deadLetters;
  }

  synchronized long twice() {
    return twice;
  }

  synchronized long missing() {
    return sent - seen.cardinality();
  }

  /** Nanoseconds from the last score by one version to the first by the next. */
  synchronized long switchGap() {
    return switchGap;
  }

  /** The longest time between two scores since the last call, nanoseconds. */
  synchronized long takeLongestGap() {
    long longest = longestGap;
    longestGap = 0;
    return longest;
  }

  /** Leaves the time until the next score out. */
  synchronized void forgetGap() {
    longestGap = 0;
    last = 0;
  }

  private synchronized long next() {
    return sent++;
  }

  private synchronized void scored(long offset, String by) {
    long now = System.nanoTime();
    account(offset);
    scores++;
    if (last != 0) {
      longestGap = Math.max(longestGap, now - last);
      if (!by.equals(version)) {
        switchGap = now - last;
      }
    }
    version = by;
    last = now;
  }

  private synchronized void rejected(long offset) {
    account(offset);
    deadLetters++;
  }

  private void account(long offset) {
    if (seen.get((int) offset)) {
      twice++;
    }
    seen.set((int) offset);
  }

  /** Events at a steady pace; each call is a chance to send those that are due. */
  static final class Events extends RichFlatMapFunction<Long, RawEvent> {
    private static final long serialVersionUID = 1L;
    private static final EventHeader[] NO_HEADERS = {};
    private transient SoakLoad load;
    private transient int subtask;
    private transient long due;

    @Override
    public void open(OpenContext context) {
      subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
      load = subtasks[subtask];
      due = System.nanoTime();
    }

    @Override
    public void flatMap(Long tick, Collector<RawEvent> out) {
      long now = System.nanoTime();
      if (stopped || now < due) {
        LockSupport.parkNanos(100_000);
        return;
      }
      due = Math.max(due + periodNanos, now - 50 * periodNanos); // No storm after a pause.
      long i = load.next();
      out.collect(
          new RawEvent(
              new SourceCoordinates("events", subtask, i),
              RawEvent.NO_TIMESTAMP,
              null,
              value(i),
              NO_HEADERS));
    }

    private static byte[] value(long i) {
      StringBuilder json = new StringBuilder("{");
      for (int x = i % BAD_EVERY == 0 ? 1 : 0; x < SoakModel.DENSE; x++) {
        json.append("\"x").append(x).append("\":").append((i + x) % 17).append(".5,");
      }
      for (int t = 0; t < SoakModel.TABLES; t++) {
        long id = Math.floorMod((i * 4 + t) * 0x9E3779B97F4A7C15L, (long) rows);
        json.append(t == 0 ? "" : ",")
            .append("\"c")
            .append(t)
            .append("\":[")
            .append(id)
            .append(']');
      }
      return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  /** Accounts for scores. */
  static final class Scores implements MapFunction<ScoredEvent, Long> {
    private static final long serialVersionUID = 1L;

    @Override
    public Long map(ScoredEvent scored) {
      SourceCoordinates source = scored.event().source();
      subtasks[source.partition()].scored(source.offset(), scored.modelVersion());
      return source.offset();
    }
  }

  /** Accounts for dead letters. */
  static final class DeadLetters implements MapFunction<DeadLetter, Long> {
    private static final long serialVersionUID = 1L;

    @Override
    public Long map(DeadLetter letter) {
      SourceCoordinates source = letter.event().source();
      subtasks[source.partition()].rejected(source.offset());
      return source.offset();
    }
  }
}
