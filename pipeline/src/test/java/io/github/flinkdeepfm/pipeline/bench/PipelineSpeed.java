package io.github.flinkdeepfm.pipeline.bench;

import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.demo.ClickLoad;
import io.github.flinkdeepfm.pipeline.replay.Replay;
import io.github.flinkdeepfm.pipeline.replay.ReproductionSummary;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Events a second from Kafka to Kafka, exactly-once, the broker in this process, at parallelism 1
 * and 2, for the shapes S (D=16 H=64 DI=64) and L (D=64 H=512 DI=512), F=26. All jobs have the same
 * source and the same sink settings. Beside the scoring job:
 *
 * <ul>
 *   <li>{@code vs_no_model}: our micro-batcher decodes each event into columns, nothing scores
 *       them, and the event's own bytes go to the score topic (600 bytes an event instead of a
 *       score's 300). Goal for S: 0.8.
 *   <li>{@code vs_per_event_ort}: {@link PerEventOnnx}, what users write today; bags may hold
 *       several ids, so that each call makes padded ids and a mask a feature, 53 tensors. Goal: 2.
 *   <li>{@code vs_batched_ort}: our micro-batches and decoder, ONNX Runtime scores. Goal: 1.
 *   <li>{@code shadow}: the job with a second version beside the first, over the job without.
 *   <li>{@code replay}: a run's scores computed again and compared bit for bit, over the job.
 * </ul>
 *
 * <p>The first scores of the sides are compared before anything counts. A rate is that of the
 * records in the output topic over {@link #MEASURED_NANOS}, begun once the job writes; the sides
 * take turns.
 */
public final class PipelineSpeed {
  private static final String EVENTS = "clicks";
  private static final long COUNT = 600_000;
  private static final int ROUNDS = 3;
  private static final long SETTLE_MILLIS = 500;
  private static final long MEASURED_NANOS = 2_500_000_000L;
  private static final int PARTITIONS = 2;

  private record Side(String name, JobStand.Definition job, String goal) {}

  private static final Side OURS = new Side("ours", JobSides::scoring, null);
  private static final List<Side> OTHERS =
      List.of(
          new Side("no_model", JobSides::noModel, ">= 0.8"),
          new Side("per_event_ort", JobSides::perEventOnnx, ">= 2"),
          new Side("batched_ort", JobSides::batchedOnnx, ">= 1"));
  private static final Side SHADOW = new Side("shadow", JobSides::scoring, null);

  /** Records a second in the output topic, and processor time of the task's thread for each. */
  private record Rate(double perSecond, double taskMicros) {}

  private final JobStand stand;
  private final BenchReport report;
  private int runs;

  private PipelineSpeed(JobStand stand, BenchReport report) {
    this.stand = stand;
    this.report = report;
  }

  public static void main(String[] args) throws Exception {
    try (JobStand stand = new JobStand(PARTITIONS, PARTITIONS)) {
      ClickLoad load = new ClickLoad(7);
      Path small = stand.folder.resolve("S/000001");
      Path large = stand.folder.resolve("L/000001");
      load.writeModel(small, 16, 64, 64);
      load.writeModel(large, 64, 512, 512);
      produce(stand, load);
      PipelineSpeed speed = new PipelineSpeed(stand, new BenchReport(Path.of(args[0])));
      double live = speed.shape("S", small);
      speed.replay(small, live);
      speed.shape("L", large);
    }
  }

  private static void produce(JobStand stand, ClickLoad load) throws Exception {
    stand.createTopic(EVENTS);
    Map<String, Object> client =
        Map.of("bootstrap.servers", stand.kafka.bootstrapServers(), "linger.ms", 20);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (long i = 0; i < COUNT; i++) {
        int partition = (int) (i % PARTITIONS);
        producer.send(
            new ProducerRecord<>(EVENTS, partition, null, load.next(1_700_000_000_000L + i)));
      }
    }
  }

  /** All rows of a shape; returns our rate at parallelism 1. */
  private double shape(String shape, Path model) throws Exception {
    Map<String, Float> expected = logits(OURS, model);
    for (Side side : OTHERS) {
      if (!side.name.equals("no_model")) {
        ScoreTopic.requireAgree(side.name, expected, logits(side, model));
      }
    }
    double live = 0;
    for (int parallelism = 1; parallelism <= PARTITIONS; parallelism++) {
      String prefix = "pipeline.%s.p%d.".formatted(shape, parallelism);
      Map<Side, Rate[]> rates = new HashMap<>();
      boolean shadow = parallelism == 1 && shape.equals("S");
      for (int round = 0; round < ROUNDS; round++) {
        measure(OURS, model, parallelism, round, rates);
        for (Side side : OTHERS) {
          measure(side, model, parallelism, round, rates);
        }
        if (shadow) {
          measure(SHADOW, model, parallelism, round, rates);
        }
      }
      double[] ours = perSecond(rates.get(OURS));
      for (Side side : OTHERS) {
        BenchRow row =
            SideBySide.row(
                    prefix + "vs_" + side.name,
                    "events/s",
                    ours,
                    side.name,
                    perSecond(rates.get(side)))
                .withNote(note(rates, OURS, side));
        boolean goal = !side.name.equals("no_model") || shape.equals("S");
        report.add(goal ? row.withGoal(side.goal) : row);
      }
      if (shadow) {
        live = SideBySide.median(ours);
        report.add(
            SideBySide.row(
                    prefix + "shadow",
                    "events/s",
                    perSecond(rates.get(SHADOW)),
                    "without shadow",
                    ours)
                .withNote(note(rates, SHADOW, OURS)));
      }
    }
    return live;
  }

  private static double[] perSecond(Rate[] rates) {
    return Arrays.stream(rates).mapToDouble(Rate::perSecond).toArray();
  }

  private static double taskMicros(Rate[] rates) {
    return SideBySide.median(Arrays.stream(rates).mapToDouble(Rate::taskMicros).toArray());
  }

  /** Where the time goes, which other load on the machine changes less than the rates. */
  private static String note(Map<Side, Rate[]> rates, Side side, Side other) {
    String times =
        String.format(
            Locale.ROOT,
            "the task's thread takes %.1f us an event, %.1f beside it",
            taskMicros(rates.get(side)),
            taskMicros(rates.get(other)));
    return other.name.equals("no_model")
        ? times + ": the arithmetic, and a score's JSON and headers instead of bytes passed on"
        : times;
  }

  private void measure(Side side, Path model, int parallelism, int round, Map<Side, Rate[]> rates)
      throws Exception {
    rates.computeIfAbsent(side, s -> new Rate[ROUNDS])[round] = rate(side, model, parallelism);
  }

  private Rate rate(Side side, Path model, int parallelism) throws Exception {
    JobConfig config = config(side, model, parallelism);
    Rate rate;
    try (JobStand.Running job = stand.start(config, side.job)) {
      rate = rate(job);
    }
    stand.deleteTopic(config.scores().topic());
    System.out.printf(
        Locale.ROOT,
        "   %-24s %8.0f events/s, task %.1f us an event%n",
        config.job(),
        rate.perSecond,
        rate.taskMicros);
    return rate;
  }

  private static Rate rate(JobStand.Running job) throws Exception {
    job.awaitWritten(1);
    Thread.sleep(SETTLE_MILLIS);
    long start = System.nanoTime();
    long from = job.written();
    long nanos = job.taskNanos();
    long written;
    long elapsed;
    do {
      Thread.sleep(20);
      written = job.written();
      elapsed = System.nanoTime() - start;
    } while (elapsed < MEASURED_NANOS && written < COUNT * 95 / 100);
    double events = written - from;
    return new Rate(events * 1e9 / elapsed, (job.taskNanos() - nanos) / events / 1e3);
  }

  /** Of the first events; the run warms the side up, too. */
  private Map<String, Float> logits(Side side, Path model) throws Exception {
    JobConfig config = config(side, model, 1);
    Map<String, Float> logits;
    try (JobStand.Running job = stand.start(config, side.job)) {
      rate(job);
      logits = ScoreTopic.logits(stand.kafka.bootstrapServers(), config.scores().topic());
    }
    stand.deleteTopic(config.scores().topic());
    return logits;
  }

  /** Start and end of the replay count. */
  private void replay(Path model, double live) throws Exception {
    JobConfig config = config(OURS, model, 1);
    try (JobStand.Running job = stand.start(config, OURS.job)) {
      job.awaitWritten(COUNT);
      Thread.sleep(SETTLE_MILLIS); // markers of transactions were counted, too
      job.stop();
    }
    ReproductionSummary summary =
        Replay.ofTopic(config, stand.folder.resolve("findings.jsonl")).reproduce(true);
    if (!summary.passed()) {
      throw new IllegalStateException(String.join(System.lineSeparator(), summary.lines()));
    }
    double rate = summary.events() / summary.seconds();
    report.add(
        new BenchRow(
                "pipeline.S.p1.replay",
                "events/s",
                rate,
                "live job",
                live,
                rate / live,
                null,
                null,
                null,
                null)
            .withNote("start, reading of the recorded scores and comparison included"));
    stand.deleteTopic(config.scores().topic());
  }

  private JobConfig config(Side side, Path model, int parallelism) {
    String shape = model.getParent().getFileName().toString();
    String name = "%s-%s-p%d-%d".formatted(shape, side.name, parallelism, ++runs);
    String more =
        side == SHADOW ? "shadow: {model_version: \"%s\"}".formatted(model.getFileName()) : "";
    return stand.config(name, EVENTS, parallelism, "1s", model, more);
  }
}
