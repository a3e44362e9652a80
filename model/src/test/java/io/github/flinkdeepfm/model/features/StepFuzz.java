package io.github.flinkdeepfm.model.features;

import com.sun.management.ThreadMXBean;
import io.github.flinkdeepfm.model.fuzz.FuzzTarget;
import io.github.flinkdeepfm.model.fuzz.Steps;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Hostile events whose decoding may take so many steps, and so much heap, for each of their bytes
 * and no more. To be loaded by a loader that counts {@link Steps}.
 */
public final class StepFuzz implements FuzzTarget {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int MOST_SHOWN = 200;

  /** Makes events and says what they may take. */
  interface Hostile {
    /**
     * The next event.
     *
     * @param kind counts up, so that each kind has its turn
     */
    Case next(Random random, int kind);

    /** Steps for each byte. */
    long stepsPerByte();

    /** Steps beside those. */
    long moreSteps();

    /** Bytes of heap for each byte. */
    long heapPerByte();

    /** Bytes of heap beside those. */
    default long moreHeap() {
      return 1 << 20;
    }
  }

  /**
   * One event.
   *
   * @param what it is, in words
   */
  record Case(String what, EventDecoder decoder, byte[] event) {}

  private final String name;
  private final Hostile hostile;
  private final Random random;
  private int made;
  private long caseSeed;
  private Case last;

  /**
   * @param format json, avro or protobuf
   */
  public StepFuzz(String format, Path folder, long seed) {
    name = "steps: " + format;
    random = new Random(seed ^ format.hashCode());
    hostile =
        switch (format) {
          case "json" -> new HostileJson(folder);
          case "avro" -> new HostileAvro();
          default -> new HostileProtobuf();
        };
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void next(Consumer<String> outcomes) {
    caseSeed = random.nextLong();
    Steps.allow(Long.MAX_VALUE);
    last = hostile.next(new Random(caseSeed), made++);
    FeatureBatch batch = last.decoder.newBatch();
    DecodedEvent out = new DecodedEvent();
    long bytes = last.event.length;
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Steps.allow(hostile.moreSteps() + hostile.stepsPerByte() * bytes);
    String outcome = "ROW";
    try {
      last.decoder.decode(last.event, batch, out);
    } catch (RejectedEventException e) {
      outcome = e.reason().name();
    }
    long heap = THREADS.getCurrentThreadAllocatedBytes() - before;
    long mostHeap = hostile.moreHeap() + hostile.heapPerByte() * bytes;
    if (heap > mostHeap) {
      throw new AssertionError("expected at most " + mostHeap + " bytes of heap, got " + heap);
    }
    outcomes.accept(outcome);
  }

  @Override
  public String describe() {
    byte[] start = Arrays.copyOf(last.event, Math.min(MOST_SHOWN, last.event.length));
    return "seed %d, kind %d (%s), %d bytes: %s"
        .formatted(
            caseSeed, made - 1, last.what, last.event.length, HexFormat.of().formatHex(start));
  }

  @Override
  public long maxAllocation() {
    return Long.MAX_VALUE; // of which the events themselves are most
  }

  @Override
  public void finish(Consumer<String> outcomes) {}

  @Override
  public void close() {}
}
