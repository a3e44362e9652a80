package io.github.flinkdeepfm.pipeline.refresh;

import io.github.flinkdeepfm.operators.HeldModels;
import io.github.flinkdeepfm.pipeline.job.LocalCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;

/**
 * Refreshes a model again and again while a job scores, and watches memory, time and events.
 *
 * <pre>mvn -Psoak -DskipTests verify</pre>
 *
 * <p>Events come from a generator in the job, not from a broker: a broker in this process would
 * hide what is looked for behind its own heap, threads and mapped indexes. The heap has its full
 * size from the start (-Xms = -Xmx, AlwaysPreTouch), so that anonymous resident memory moves with
 * native memory only.
 *
 * <p>Arguments: MB of tables, refreshes, events per second, time limit in seconds, output file.
 * Exits with 1 if a verdict on memory or accounting fails.
 */
public final class RefreshSoak {
  private static final int PARALLELISM = 2;
  private static final int DELTAS_PER_FULL = 9;
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final SoakModel model;
  private final Path root;
  private final Path cache;
  private final long tableBytes;
  private final int refreshes;
  private final int eventsPerSecond;
  private final long limitNanos;
  private final List<Sample> samples = new ArrayList<>();
  private final long start = System.nanoTime();
  private long heapAtFirst;

  private RefreshSoak(
      Path folder, long tableBytes, int refreshes, int eventsPerSecond, Duration limit)
      throws IOException {
    this.root = Files.createDirectories(folder.resolve("root"));
    this.cache = Files.createDirectories(folder.resolve("cache"));
    this.tableBytes = tableBytes;
    this.model = new SoakModel(root, tableBytes, 1024);
    this.refreshes = refreshes;
    this.eventsPerSecond = eventsPerSecond;
    this.limitNanos = limit.toNanos();
  }

  public static void main(String[] args) throws Exception {
    if (args.length != 5) {
      throw new IllegalArgumentException(
          "expected <table MB> <refreshes> <events/s> <limit s> <output>, got "
              + Arrays.toString(args));
    }
    Locale.setDefault(Locale.ROOT);
    Path folder = Files.createTempDirectory("refresh-soak");
    boolean passed;
    try {
      RefreshSoak soak =
          new RefreshSoak(
              folder,
              Long.parseLong(args[0]) * 1_000_000,
              Integer.parseInt(args[1]),
              Integer.parseInt(args[2]),
              Duration.ofSeconds(Long.parseLong(args[3])));
      passed = soak.run(Path.of(args[4]));
    } finally {
      delete(folder);
    }
    System.exit(passed ? 0 : 1);
  }

  private boolean run(Path output) throws Exception {
    model.writeFull(1);
    for (int version = 2; version <= DELTAS_PER_FULL + 1; version++) {
      model.writeDelta(version, version - 1);
    }
    OverlayCost overlay = OverlayCost.measure(root, 2, DELTAS_PER_FULL + 1);
    for (int version = 2; version <= DELTAS_PER_FULL + 1; version++) {
      delete(root.resolve(SoakModel.name(version)));
    }

    SoakLoad.reset(PARALLELISM, model.rows(), eventsPerSecond);
    long heapAtLast;
    Configuration options = SoakJob.options(CHECKPOINT_INTERVAL);
    try (LocalCluster cluster = LocalCluster.start(options, PARALLELISM)) {
      JobID job = cluster.submit(new SoakJob(root, cache, tableBytes).graph(options, PARALLELISM));
      await("the first score", () -> SoakLoad.scoredBy(1));
      int full = 1;
      for (int refresh = 1; refresh <= refreshes && inTime(); refresh++) {
        int version = refresh + 1;
        boolean isFull = refresh % (DELTAS_PER_FULL + 1) == 0;
        if (isFull) {
          model.writeFull(version);
        } else {
          model.writeDelta(version, version - 1);
        }
        await("version " + version, () -> SoakLoad.scoredBy(version));
        await("release of version " + (version - 1), this::onlyOneModelHeld);
        samples.add(sample(refresh, isFull));
        if (refresh == warmUp()) {
          heapAtFirst = heapInUse();
        }
        if (isFull) {
          for (int old = full; old < version; old++) {
            delete(root.resolve(SoakModel.name(old)));
          }
          full = version;
        }
      }
      heapAtLast = heapInUse();
      SoakLoad.stopped = true;
      await(
          "the last score", () -> Arrays.stream(SoakLoad.subtasks).allMatch(s -> s.missing() == 0));
      cluster.cancel(job);
    }
    await("release of all models", () -> HeldModels.count() == 0);
    return report(overlay, heapAtLast, output);
  }

  private int warmUp() {
    return Math.min(20, refreshes / 4);
  }

  /** After a collection, whose pause does not count as one of the job's. */
  private static long heapInUse() {
    System.gc();
    long bytes = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    Arrays.stream(SoakLoad.subtasks).forEach(SoakLoad::forgetGap);
    return bytes;
  }

  private boolean report(OverlayCost overlay, long heapAtLast, Path output) throws IOException {
    SoakReport report = new SoakReport(samples, warmUp());
    report.heap(heapAtFirst, heapAtLast);
    // Below what one leaked copy of the dense parameters (1.4 MB) per refresh would add.
    double bound = samples.size() >= 100 ? 32e6 : 12e6;
    report.flat("anonymous memory (heap, native)", "MB", 1e6, bound, s -> s.memory().anonymous());
    report.flat("RSS", "MB", 1e6, bound + tableBytes / 10.0, s -> s.memory().rss());
    report.flat("JavaCPP memory", "MB", 1e6, 1e6, s -> s.memory().javacpp());
    report.flat("mapped files", "MB", 1e6, tableBytes / 10.0, s -> s.memory().mapped());
    report.flat("mappings", "", 1, 20, s -> s.memory().mappings());
    report.flat("threads", "", 1, 5, s -> s.memory().threads());
    report.flat("open files", "", 1, 10, s -> s.memory().files());
    report.flat("cache directory", "MB", 1e6, 2.2 * tableBytes, s -> s.memory().cache());
    report.accounting(
        SoakLoad.total(SoakLoad::sent),
        SoakLoad.total(SoakLoad::scores),
        SoakLoad.total(SoakLoad::deadLetters),
        SoakLoad.total(SoakLoad::missing),
        SoakLoad.total(SoakLoad::twice));
    report.refusals(OperatorMetrics.refusals());
    report.overlay(overlay, model.changedBytes());
    report.pauses();
    System.out.printf(
        "%n%d refreshes of %d MB of tables, every %dth a full version, others deltas of 1%% of the"
            + " rows; %d events/s; %d subtasks; checkpoints every %d ms%n%n",
        samples.size(),
        tableBytes / 1_000_000,
        DELTAS_PER_FULL + 1,
        eventsPerSecond,
        PARALLELISM,
        CHECKPOINT_INTERVAL.toMillis());
    report.print(System.out);
    report.write(
        output,
        Map.of(
            "table_bytes", tableBytes,
            "refreshes", samples.size(),
            "refreshes_asked", refreshes,
            "events_per_second", eventsPerSecond,
            "overlay", overlay));
    return report.verdicts().stream().allMatch(v -> v.holds() || !v.fails());
  }

  private Sample sample(int refresh, boolean full) throws IOException {
    SoakLoad[] loads = SoakLoad.subtasks;
    return new Sample(
        refresh,
        full,
        (System.nanoTime() - start) / 1e9,
        ProcessMemory.read(cache),
        HeldModels.count(),
        OperatorMetrics.lastPauseMicros(),
        Arrays.stream(loads).mapToLong(SoakLoad::switchGap).max().orElseThrow() / 1000,
        Arrays.stream(loads).mapToLong(SoakLoad::takeLongestGap).max().orElseThrow() / 1000);
  }

  /** The store lets go of a model just before its files are unmapped. */
  private boolean onlyOneModelHeld() {
    try {
      return HeldModels.count() == 1
          && ProcessMemory.read(cache).mapped() < tableBytes * 115 / 100 + 1_000_000;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean inTime() {
    return System.nanoTime() - start < limitNanos;
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("expected within " + PATIENCE + ": " + what);
      }
      Thread.sleep(10);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
