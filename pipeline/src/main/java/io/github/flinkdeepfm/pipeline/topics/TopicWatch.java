package io.github.flinkdeepfm.pipeline.topics;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the topics of a job when its first sink opens and every hour from then on, on one thread
 * for all subtasks of the job in this process. The thread ends with the job's class loader. A look
 * that found nothing out changes nothing; until there is a first one Kafka's defaults count.
 */
public final class TopicWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicWatch.class);
  private static final Duration PERIOD = Duration.ofHours(1);

  /** A topic that is not there yet, or brokers that are away, are asked again sooner. */
  private static final Duration RETRY = Duration.ofMinutes(1);

  /** By the id of their job; guarded by itself. */
  private static final Map<String, TopicWatch> RUNNING = new HashMap<>();

  private final TopicNeeds needs;
  private final Duration period;
  private final Map<String, AtomicReference<TopicLimits>> limits;
  private volatile UnsuitableTopicsException unsuitable;
  private final CountDownLatch looked = new CountDownLatch(1);
  private final Thread thread;

  TopicWatch(TopicNeeds needs, Duration period) {
    this.needs = needs;
    this.period = period;
    limits =
        Map.of(
            needs.scores(), new AtomicReference<>(TopicLimits.DEFAULT),
            needs.deadLetters(), new AtomicReference<>(TopicLimits.DEFAULT));
    thread = new Thread(this::run, needs.job() + "-topics");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * The watch of the job to which {@code context} belongs. Returns when it has looked for the first
   * time, see {@link TopicLook#at}.
   *
   * @throws UnsuitableTopicsException if the job would fail by what the topics are set to
   */
  public static TopicWatch join(TopicNeeds needs, SerializationSchema.InitializationContext context)
      throws InterruptedException {
    String job = context.getMetricGroup().getAllVariables().get("<job_id>");
    TopicWatch watch;
    synchronized (RUNNING) {
      watch = RUNNING.computeIfAbsent(job, id -> new TopicWatch(needs, PERIOD));
    }
    context.getUserCodeClassLoader().registerReleaseHookIfAbsent("topics-" + job, () -> leave(job));
    watch.looked.await();
    if (watch.unsuitable != null) {
      throw watch.unsuitable;
    }
    return watch;
  }

  private static void leave(String job) {
    TopicWatch watch;
    synchronized (RUNNING) {
      watch = RUNNING.remove(job);
    }
    if (watch != null) {
      watch.close();
    }
  }

  /** Returns what an output topic takes; it changes with what the brokers tell. */
  public AtomicReference<TopicLimits> limits(String topic) {
    return limits.get(topic);
  }

  private void run() {
    try {
      while (true) {
        boolean answered = look();
        looked.countDown();
        Duration pause = answered || period.compareTo(RETRY) < 0 ? period : RETRY;
        TimeUnit.NANOSECONDS.sleep(pause.toNanos());
      }
    } catch (InterruptedException e) {
      // closed
    } finally {
      looked.countDown();
    }
  }

  /** Whether the brokers told what decides. */
  private boolean look() throws InterruptedException {
    TopicLook look;
    try {
      look = TopicLook.at(needs);
    } catch (RuntimeException e) { // The watch goes on: what it knows may change.
      LOG.warn("The topics of job {} could not be looked at; tried again: ", needs.job(), e);
      return false;
    }
    try {
      look.check();
      unsuitable = null;
    } catch (UnsuitableTopicsException e) {
      unsuitable = e;
    }
    look.settings()
        .forEach(
            (topic, settings) -> {
              if (limits.containsKey(topic)) {
                limits.get(topic).set(settings.limits());
              }
            });
    return look.isAnswered();
  }

  /** Returns when the thread has ended. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
