package io.github.flinkdeepfm.pipeline.demo;

import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.replay.ReproductionSummary;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.LoggerFactory;

/**
 * The whole thing on this machine: broker, clicks, model, job, and a reader that checks what comes
 * out. Ends by itself: the job is stopped once every event has an outcome, or when nothing has
 * moved for a minute; then what it wrote is reproduced from the topics.
 */
final class Demo implements AutoCloseable {
  private static final long LINE_MILLIS = 1000;
  private static final long STALLED_MILLIS = 60_000;

  private final DemoSettings settings;
  private final JobStarter starter;
  private final Consumer<Path> log;
  private final Report report;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private boolean closed;

  /**
   * @param log takes the file that is to be the log of the process
   */
  Demo(DemoSettings settings, JobStarter starter, Consumer<Path> log, PrintStream out) {
    this.settings = settings;
    this.starter = starter;
    this.log = log;
    report = new Report(out);
  }

  /**
   * Runs to the summary.
   *
   * @return whether every event had exactly the one outcome that was planted, and every score came
   *     out again when the topic was replayed
   * @throws Exception if a part of it fails; {@link #close} is still the caller's
   */
  boolean run() throws Exception {
    Path folder = opened(DemoFolder.create(settings.keep())).path();
    report.say("folder        %s%s", folder, settings.keep() ? " (kept)" : "");
    log.accept(DemoLog.in(folder));
    report.say("log           %s (stays)", DemoLog.in(folder));
    EmbeddedKafka kafka =
        opened(EmbeddedKafka.start(folder.resolve("kafka"), settings.brokerPort()));
    kafka.createTopic(DemoJobFile.EVENTS, settings.partitions(), Map.of());
    kafka.createTopic(DemoJobFile.SCORES, settings.partitions(), Map.of());
    kafka.createTopic(DemoJobFile.DEAD_LETTERS, 1, Map.of());
    report.say(
        "Kafka         %s, topics %s, %s, %s",
        kafka.bootstrapServers(), DemoJobFile.EVENTS, DemoJobFile.SCORES, DemoJobFile.DEAD_LETTERS);

    PlantedTruth truth = settings.truth();
    Path root = folder.resolve("model");
    LiveTraining training =
        opened(
            LiveTraining.start(
                folder.resolve("training"),
                root,
                truth,
                settings,
                kafka.bootstrapServers(),
                eventPartitions(),
                report));
    report.say("model root    %s, with an untrained version to start from", root);
    Path jobFile = DemoJobFile.write(folder, settings, kafka.bootstrapServers(), root);
    JobStarter.RunningJob job = opened(starter.start(jobFile, folder.resolve("savepoints")));
    report.say("Flink         %s", job.webInterface());
    report.header();
    return watch(
        kafka.bootstrapServers(), new ClickStream(truth, settings.seed() + 2), training, job);
  }

  private List<TopicPartition> eventPartitions() {
    return IntStream.range(0, settings.partitions())
        .mapToObj(partition -> new TopicPartition(DemoJobFile.EVENTS, partition))
        .toList();
  }

  private boolean watch(
      String bootstrapServers, ClickStream clicks, LiveTraining training, JobStarter.RunningJob job)
      throws Exception {
    AnswerKey key = new AnswerKey(settings.events(), settings.partitions());
    OutcomeReader reader =
        new OutcomeReader(bootstrapServers, DemoJobFile.SCORES, DemoJobFile.DEAD_LETTERS, key);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    opened(threads::shutdownNow);
    Future<Void> reading = threads.submit(reader);
    Future<Void> learning = threads.submit(training);
    long start = System.currentTimeMillis();
    Future<Long> producing =
        threads.submit(
            timed(
                new EventProducer(
                    bootstrapServers,
                    DemoJobFile.EVENTS,
                    clicks,
                    key,
                    settings.events(),
                    settings.rate())));

    long read = awaitOutcomes(key, reader, start, job, List.of(reading, learning, producing));
    if (producing.isDone()) {
      producing.get();
    }
    training.finish();
    learning.get();
    job.stop();
    reader.finish();
    reading.get();
    report.line(key.size(), reader.recent(), System.currentTimeMillis() - start);
    report.say("");
    report.say("replaying the event topic: does every score come out again?");
    ReproductionSummary replayed = job.reproduce();
    report.summary(
        key, reader.accounting(), reader.total(), producing.get(), read - start, replayed);
    return reader.accounting().exact() && replayed.passed();
  }

  /** Prints a line a second; returns when the last outcome was read. */
  private long awaitOutcomes(
      AnswerKey key,
      OutcomeReader reader,
      long start,
      JobStarter.RunningJob job,
      List<Future<?>> work)
      throws Exception {
    long outcomes = 0;
    long moved = start;
    for (long line = 1; outcomes < settings.events(); line++) {
      Thread.sleep(Math.max(0, start + line * LINE_MILLIS - System.currentTimeMillis()));
      report.line(key.size(), reader.recent(), System.currentTimeMillis() - start);
      for (Future<?> part : work) {
        if (part.isDone()) {
          part.get(); // throws if it failed
        }
      }
      if (job.ended().isDone()) {
        job.ended().get();
        throw new IllegalStateException("the job ended before it was stopped");
      }
      long now = reader.outcomes();
      if (now != outcomes) {
        outcomes = now;
        moved = System.currentTimeMillis();
      } else if (System.currentTimeMillis() - moved > STALLED_MILLIS) {
        report.say("nothing has moved for %d s: stopping", STALLED_MILLIS / 1000);
        return moved;
      }
    }
    return moved;
  }

  private static Callable<Long> timed(Callable<?> work) {
    return () -> {
      long start = System.currentTimeMillis();
      work.call();
      return System.currentTimeMillis() - start;
    };
  }

  private synchronized <T extends AutoCloseable> T opened(T resource) throws Exception {
    if (closed) {
      resource.close();
      throw new InterruptedException("the demo was stopped");
    }
    open.push(resource);
    return resource;
  }

  /** Ends everything that is under way, last opened first; safe from a shutdown hook. */
  @Override
  public synchronized void close() {
    closed = true;
    while (!open.isEmpty()) {
      AutoCloseable resource = open.pop();
      try {
        resource.close();
      } catch (Exception e) {
        LoggerFactory.getLogger(Demo.class).warn("Could not close {}", resource, e);
      }
    }
  }
}
