package io.github.flinkdeepfm.pipeline.bench;

import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.demo.ClickLoad;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Milliseconds from when an event was to be sent until a consumer has its score, at parallelism 1,
 * shape S, for a linger of 1, 5 and 20 ms at 25, 50 and 75 % of the sustainable rate. Sender,
 * broker, job and consumer share this process and its cores; the sustainable rate is what they
 * manage together with at most 20,000 events under way.
 *
 * <p>The consumer is read_uncommitted: a read_committed one sees a score when the checkpoint after
 * it completes, that is half of the checkpoint interval later on average. The interval is the
 * default, 10 s, so that each window has one checkpoint in it.
 */
public final class LatencySpeed {
  private static final int[] LINGERS = {1, 5, 20};
  private static final int[] PERCENTS = {25, 50, 75};
  private static final int DISTINCT = 20_000;
  private static final int AHEAD = 20_000;
  private static final Duration SETTLE = Duration.ofSeconds(1);
  private static final Duration WINDOW = Duration.ofSeconds(3);
  private static final int MAX_WINDOWS = 8;
  private static final Duration MEASURED = Duration.ofSeconds(10);

  private LatencySpeed() {}

  public static void main(String[] args) throws Exception {
    BenchReport report = new BenchReport(Path.of(args[0]));
    try (JobStand stand = new JobStand(1, 1)) {
      ClickLoad load = new ClickLoad(7);
      Path model = stand.folder.resolve("S/000001");
      load.writeModel(model, 16, 64, 64);
      byte[][] events = new byte[DISTINCT][];
      for (int i = 0; i < DISTINCT; i++) {
        events[i] = load.next(1_700_000_000_000L + i);
      }
      double sustainable = 0;
      for (int linger : LINGERS) {
        String name = "latency-" + linger;
        JobConfig config =
            stand.config(
                name, name + "-events", 1, "10s", model, "batch: {linger: " + linger + "ms}");
        stand.createTopic(config.events().topic());
        try (JobStand.Running job = stand.start(config, JobSides::scoring);
            OpenLoop loop =
                new OpenLoop(
                    stand.kafka.bootstrapServers(), config.events().topic(), name, events)) {
          job.awaitRunning();
          if (sustainable == 0) {
            sustainable = sustainable(loop);
            report.add(
                BenchRow.reading("latency.sustainable", "events/s", sustainable)
                    .withNote("sender, broker, job and consumer in one process"));
          } else {
            double rate = loop.saturate(SETTLE, SETTLE, AHEAD); // warms the new job up
            System.out.printf(Locale.ROOT, "   saturated: %.0f events/s%n", rate);
          }
          for (int percent : PERCENTS) {
            Histogram micros = loop.run(sustainable * percent / 100, SETTLE, MEASURED);
            String prefix = "latency.linger%d.rate%d.".formatted(linger, percent);
            add(report, prefix + "p50", micros, 50);
            add(report, prefix + "p99", micros, 99);
            add(report, prefix + "p999", micros, 99.9);
            System.out.printf(
                Locale.ROOT,
                "   %d events, max %.1f ms%n",
                micros.getTotalCount(),
                micros.getMaxValue() / 1e3);
          }
        }
        stand.deleteTopic(name);
        stand.deleteTopic(config.events().topic());
      }
    }
  }

  /** The rate once it rises no more: compilers need longer where cores are few. */
  private static double sustainable(OpenLoop loop) {
    double best = 0;
    for (int window = 0; window < MAX_WINDOWS; window++) {
      double rate = loop.saturate(SETTLE, WINDOW, AHEAD);
      System.out.printf(Locale.ROOT, "   saturated: %.0f events/s%n", rate);
      if (window > 1 && rate < 1.1 * best) {
        return Math.max(rate, best);
      }
      best = Math.max(rate, best);
    }
    return best;
  }

  private static void add(BenchReport report, String name, Histogram micros, double percentile)
      throws Exception {
    report.add(BenchRow.reading(name, "ms", micros.getValueAtPercentile(percentile) / 1e3));
  }
}
