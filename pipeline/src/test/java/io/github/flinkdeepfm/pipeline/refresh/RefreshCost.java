package io.github.flinkdeepfm.pipeline.refresh;

import io.github.flinkdeepfm.operators.HeldModels;
import io.github.flinkdeepfm.pipeline.bench.BenchReport;
import io.github.flinkdeepfm.pipeline.bench.BenchRow;
import io.github.flinkdeepfm.pipeline.bench.SideBySide;
import io.github.flinkdeepfm.pipeline.job.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;

/**
 * What a refresh costs a job that scores as fast as it can on all cores (events from a generator in
 * the job, D=64, H=256, DI=64, four tables), for 0.1, 1 and 4 GB of tables:
 *
 * <ul>
 *   <li>{@code pause}: how long scoring stands still for the switch, of the slower subtask;
 *   <li>{@code dip}: scores lost, in percent of the rate before, from the version's publication
 *       until half a second after every subtask scores with it; the note has the worst 100 ms;
 *   <li>{@code load}: until the version is ready in this process: copied from the root, its SHA-256
 *       compared, mapped, every row checked, warmed up.
 * </ul>
 *
 * <p>A delta changes 1 % of the rows. {@code memory.added_slot} is what the process takes more at
 * parallelism 2 than at 1, with 1 GB of tables.
 */
public final class RefreshCost {
  private static final int SLOTS = 2;
  private static final int DELTAS = 3;
  private static final long GB = 1_000_000_000;
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final long FIRST = GB / 10;
  private static final long JIT_MILLIS = 10_000;
  private static final long WARM_UP_MILLIS = 2_000;
  private static final long STEADY_MILLIS = 2_000;
  private static final long WINDOW_MILLIS = 100;
  private static final long AFTER_MILLIS = 500;

  private final BenchReport report;
  private final LocalCluster cluster;
  private final Configuration options;
  private final Path folder;
  private final Path root;
  private final Path cache;
  private final String size;
  private final long tableBytes;
  private final SoakModel model;
  private final SoakModel staged;

  /** Of one refresh: pause and load in ms, dip in percent. */
  private record Reading(double pause, double dip, double load, String note) {}

  private RefreshCost(
      BenchReport report,
      LocalCluster cluster,
      Configuration options,
      Path folder,
      String size,
      long tableBytes)
      throws IOException {
    this.report = report;
    this.cluster = cluster;
    this.options = options;
    this.folder = folder;
    this.root = Files.createDirectories(folder.resolve("root"));
    this.cache = Files.createDirectories(folder.resolve("cache"));
    this.size = size;
    this.tableBytes = tableBytes;
    this.model = new SoakModel(root, tableBytes, 64);
    this.staged = new SoakModel(Files.createDirectories(folder.resolve("staged")), tableBytes, 64);
  }

  public static void main(String[] args) throws Exception {
    BenchReport report = new BenchReport(Path.of(args[0]));
    Path folder = Files.createTempDirectory("refresh-cost").toRealPath();
    Configuration options = SoakJob.options(CHECKPOINT_INTERVAL);
    try (LocalCluster cluster = LocalCluster.start(options, SLOTS)) {
      String[] sizes = {"100MB", "1GB", "4GB"};
      long[] bytes = {FIRST, GB, 4 * GB};
      for (int i = 0; i < sizes.length; i++) {
        Path own = folder.resolve(sizes[i]);
        new RefreshCost(report, cluster, options, own, sizes[i], bytes[i]).run();
        delete(own);
      }
    } finally {
      delete(folder);
    }
  }

  private void run() throws Exception {
    model.writeFull(1);
    staged.writeFull(2);
    if (tableBytes == GB) {
      addedSlot();
    }
    JobID job = start(SLOTS);
    report("full", List.of(refresh(2)));
    List<Reading> deltas = new ArrayList<>();
    for (int version = 3; version < 3 + DELTAS; version++) {
      staged.writeDelta(version, version - 1);
      deltas.add(refresh(version));
    }
    report("delta", deltas);
    end(job);
  }

  private JobID start(int parallelism) throws Exception {
    OperatorMetrics.reset();
    SoakLoad.reset(parallelism, model.rows(), Integer.MAX_VALUE);
    JobID job = cluster.submit(new SoakJob(root, cache, tableBytes).graph(options, parallelism));
    await("the first scores", () -> SoakLoad.scoredBy(1));
    Thread.sleep(tableBytes == FIRST ? JIT_MILLIS : WARM_UP_MILLIS);
    return job;
  }

  private void end(JobID job) throws Exception {
    cluster.cancel(job);
    await("release of all models", () -> HeldModels.count() == 0);
  }

  private Reading refresh(int version) throws Exception {
    long before = SoakLoad.total(SoakLoad::scores);
    long start = System.nanoTime();
    Thread.sleep(STEADY_MILLIS);
    double steady = (SoakLoad.total(SoakLoad::scores) - before) * 1e9 / (System.nanoTime() - start);

    Path name = Path.of(SoakModel.name(version));
    Files.move(folder.resolve("staged").resolve(name), root.resolve(name));
    long published = System.nanoTime();
    long first = SoakLoad.total(SoakLoad::scores);
    long last = first;
    long at = published;
    double worst = steady;
    long switched = Long.MAX_VALUE;
    while (at < published + PATIENCE.toNanos() && at - AFTER_MILLIS * 1_000_000 < switched) {
      Thread.sleep(WINDOW_MILLIS);
      long now = System.nanoTime();
      long scores = SoakLoad.total(SoakLoad::scores);
      worst = Math.min(worst, (scores - last) * 1e9 / (now - at));
      last = scores;
      at = now;
      if (switched == Long.MAX_VALUE && SoakLoad.scoredBy(version)) {
        switched = now;
      }
    }
    if (switched == Long.MAX_VALUE) {
      throw new IllegalStateException("expected scores by version " + version + ", got none");
    }
    double during = (last - first) * 1e9 / (at - published);
    await("release of the version before", () -> HeldModels.count() == 1);
    return new Reading(
        OperatorMetrics.lastPauseMicros() / 1e3,
        100 * Math.max(0, 1 - during / steady),
        OperatorMetrics.lastPrefetchMillis(),
        String.format(
            Locale.ROOT,
            "for %.1f s; worst 100 ms at %.0f %% of %.0f events/s",
            (at - published) / 1e9,
            100 * worst / steady,
            steady));
  }

  private void report(String kind, List<Reading> readings) throws IOException {
    String prefix = "refresh.%s.%s.".formatted(kind, size);
    report.add(row(prefix + "pause", "ms", readings, Reading::pause));
    report.add(
        row(prefix + "dip", "%", readings, Reading::dip)
            .withNote(readings.get(readings.size() - 1).note));
    report.add(row(prefix + "load", "ms", readings, Reading::load));
  }

  private static BenchRow row(
      String name, String unit, List<Reading> readings, ToDoubleFunction<Reading> value) {
    double[] values = readings.stream().mapToDouble(value).sorted().toArray();
    double median = SideBySide.median(values);
    if (values.length == 1) {
      return BenchRow.reading(name, unit, median);
    }
    double highest = values[values.length - 1];
    return new BenchRow(name, unit, median, null, null, null, values[0], highest, null, null);
  }

  private void addedSlot() throws Exception {
    ProcessMemory[] memory = new ProcessMemory[SLOTS];
    for (int slots = 1; slots <= SLOTS; slots++) {
      JobID job = start(slots);
      memory[slots - 1] = ProcessMemory.read(cache);
      end(job);
    }
    report.add(
        BenchRow.reading("memory.added_slot", "MB", (memory[1].rss() - memory[0].rss()) / 1e6)
            .withNote(
                String.format(
                    Locale.ROOT,
                    "RSS %.0f MB with one slot, %.0f MB with two",
                    memory[0].rss() / 1e6,
                    memory[1].rss() / 1e6)));
    report.add(
        BenchRow.reading(
                "memory.added_slot.tables", "MB", (memory[1].mapped() - memory[0].mapped()) / 1e6)
            .withGoal("<= 0")
            .withNote(
                String.format(Locale.ROOT, "%.0f MB mapped with one", memory[0].mapped() / 1e6)));
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
