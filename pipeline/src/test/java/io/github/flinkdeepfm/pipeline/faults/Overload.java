package io.github.flinkdeepfm.pipeline.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.operators.metrics.MetricNames;
import io.github.flinkdeepfm.pipeline.faults.FaultStand.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Ten times the events that the job can score, for some seconds. The model is made so heavy (DI)
 * that producer and broker can send that many.
 */
final class Overload {
  static final int BATCH_ROWS = 256;
  static final Shape SHAPE =
      new Shape("overload", deepDimension(), "", "rows: " + BATCH_ROWS + ", linger: 20ms", 200);

  private static final String EVENTS = "micro-batch." + MetricNames.EVENTS;
  private static final String BATCHES = "micro-batch." + MetricNames.BATCHES;
  private static final double STEADY = 200;
  private static final double AS_FAST_AS_IT_GOES = 1e6;
  private static final int PROBE = 20_000;
  private static final int BURST_SECONDS = 3;
  private static final int FACTOR = 10;

  private final FaultStand stand;
  private double fillBefore;
  private double fillUnderLoad;
  private long growthBytes;
  private long heldBytes;
  private int restarts;

  /** Heavy enough for a backlog: without AVX-512 the same layer takes a multiple of the time. */
  private static int deepDimension() {
    try {
      return Files.readString(Path.of("/proc/cpuinfo")).contains("avx512f") ? 1 << 15 : 1 << 13;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Overload(FaultStand stand) {
    this.stand = stand;
  }

  /** Events in a batch on average, before the burst. */
  double fillBefore() {
    return fillBefore;
  }

  /** Events in a batch on average, while the burst is worked off. */
  double fillUnderLoad() {
    return fillUnderLoad;
  }

  /** By how much the TaskManager's own memory has grown since before the burst. */
  long growthBytes() {
    return growthBytes;
  }

  /** By how much the live objects in its heap had grown when the backlog was largest. */
  long heldBytes() {
    return heldBytes;
  }

  /** How often the job was started anew meanwhile. */
  int restarts() {
    return restarts;
  }

  void run() throws Exception {
    double sustainable = sustainableRate();
    fillBefore = fillDuring(() -> Thread.sleep(3000));
    ServerJvm taskManager = stand.victim();
    long memory = anonymousBytes(taskManager);
    long heap = taskManager.liveHeapBytes();
    int restartsBefore = stand.job().restarts();
    long before = stand.ledger().accounted();

    long start = System.nanoTime();
    long[] sent = new long[1];
    double[] offered = new double[1];
    fillUnderLoad =
        fillDuring(
            () -> {
              offered[0] = burst(sustainable);
              sent[0] = stand.load().sent();
              heldBytes = taskManager.liveHeapBytes() - heap;
              FaultStand.await("half of the burst", () -> halfDone(before, sent[0]));
            });
    stand.settle(sent[0]);
    double drained = (System.nanoTime() - start) / 1e9;
    growthBytes = anonymousBytes(taskManager) - memory;
    restarts = stand.job().restarts() - restartsBefore;
    assertThat(offered[0]).as("events/s offered").isGreaterThan(0.9 * FACTOR * sustainable);
    stand
        .report()
        .add(
            new FaultReport.Row(
                SHAPE.name(),
                "burst of %.0f events/s for %d s at %.0f events/s sustainable"
                    .formatted(offered[0], BURST_SECONDS, sustainable),
                stand.outcome(sent[0]),
                stand.ledger().accounted() - before,
                drained,
                0,
                0,
                "batches of %.0f rows, %.0f under load; live heap %+.1f MB, memory %+.1f MB"
                    .formatted(fillBefore, fillUnderLoad, heldBytes / 1e6, growthBytes / 1e6)));
    assertThat(stand.outcome(sent[0]))
        .as("%s", stand.ledger().mistakes())
        .isEqualTo(FaultStand.EXACT);
  }

  private boolean halfDone(long before, long sent) {
    return stand.ledger().accounted() - before > (sent - before) / 2;
  }

  /** What a backlog is worked off at; it warms the job up, too. */
  private double sustainableRate() throws Exception {
    double rate = 0;
    for (int round = 0; round < 2; round++) {
      long first = stand.load().sent();
      stand.load().rate(AS_FAST_AS_IT_GOES);
      FaultStand.await("a backlog", () -> stand.load().sent() > first + PROBE);
      stand.load().rate(STEADY);
      long start = System.nanoTime();
      long accounted = stand.ledger().accounted();
      long end = stand.load().sent();
      stand.settle(end);
      rate = (stand.ledger().accounted() - accounted) * 1e9 / (System.nanoTime() - start);
    }
    return rate;
  }

  private double burst(double sustainable) throws InterruptedException {
    long first = stand.load().sent();
    long start = System.nanoTime();
    stand.load().rate(FACTOR * sustainable);
    Thread.sleep(BURST_SECONDS * 1000L);
    stand.load().rate(STEADY);
    return (stand.load().sent() - first) * 1e9 / (System.nanoTime() - start);
  }

  private double fillDuring(FaultStand.ThrowingAction action) throws Exception {
    Map<String, Double> before = stand.job().metrics(List.of(EVENTS, BATCHES));
    action.run();
    Map<String, Double> after = stand.job().metrics(List.of(EVENTS, BATCHES));
    return (after.get(EVENTS) - before.get(EVENTS)) / (after.get(BATCHES) - before.get(BATCHES));
  }

  private static long anonymousBytes(ServerJvm jvm) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + jvm.pid() + "/status")).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
        .findFirst()
        .orElseThrow();
  }
}
