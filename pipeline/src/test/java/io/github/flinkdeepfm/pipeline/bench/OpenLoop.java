package io.github.flinkdeepfm.pipeline.bench;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Events at times that were fixed before, whatever becomes of those sent earlier, and when their
 * scores arrive. An event that is sent late because its sender was held up counts from when it was
 * to be sent: nothing that the load causes is omitted.
 *
 * <p>One sender (its Kafka producer gathers for 1 ms, which counts) and one reader thread; topics
 * have one partition, so a score's {@code offset} says which event it is of.
 */
final class OpenLoop implements AutoCloseable {
  private static final byte[] OFFSET = "\"offset\":".getBytes(StandardCharsets.US_ASCII);
  private static final long MAX_MICROS = 60_000_000;

  private final String topic;
  private final byte[][] events;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Thread reader;
  private volatile boolean closed;
  private volatile long received;
  private volatile Window window = new Window(0, 0, 1, Long.MAX_VALUE);
  private long sent;

  /** Events from offset {@code first} on, due at {@code start + i·period}; counted from one on. */
  private record Window(long first, long start, double period, long countFrom, Histogram micros) {
    Window(long first, long start, double period, long countFrom) {
      this(first, start, period, countFrom, new Histogram(MAX_MICROS, 3));
    }

    long due(long offset) {
      return start + (long) ((offset - first) * period);
    }
  }

  /**
   * @param topic of the events, empty
   * @param scores the job's output
   * @param events sent in turns
   */
  OpenLoop(String bootstrapServers, String topic, String scores, byte[][] events) {
    this.topic = topic;
    this.events = events;
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 1, "batch.size", 128 << 10),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    this.reader = new Thread(() -> read(bootstrapServers, scores), "scores");
    reader.start();
  }

  /**
   * As fast as the whole process goes: never more than {@code ahead} events without a score.
   *
   * @return scores a second after the first {@code settle}
   */
  double saturate(Duration settle, Duration measured, int ahead) {
    long start = System.nanoTime() + settle.toNanos();
    sendUntil(start, ahead);
    long from = received;
    long begun = System.nanoTime();
    sendUntil(begun + measured.toNanos(), ahead);
    double rate = (received - from) * 1e9 / (System.nanoTime() - begun);
    awaitScores();
    return rate;
  }

  private void sendUntil(long end, int ahead) {
    while (System.nanoTime() < end) {
      if (sent - received < ahead) {
        send();
      } else {
        LockSupport.parkNanos(100_000);
      }
    }
  }

  /** Microseconds from when each event was to be sent until its score was read. */
  Histogram run(double eventsPerSecond, Duration settle, Duration measured) {
    double period = 1e9 / eventsPerSecond;
    long begin = System.nanoTime() + 10_000_000;
    long settling = (long) (settle.toNanos() / period);
    long count = settling + (long) (measured.toNanos() / period);
    Window now = new Window(sent, begin, period, sent + settling);
    window = now;
    for (long i = 0; i < count; i++) {
      long due = now.due(sent);
      for (long left; (left = due - System.nanoTime()) > 0; ) {
        LockSupport.parkNanos(left);
      }
      send();
    }
    awaitScores();
    return now.micros;
  }

  private void send() {
    producer.send(new ProducerRecord<>(topic, events[(int) (sent++ % events.length)]));
  }

  private void awaitScores() {
    while (received < sent) {
      if (!reader.isAlive()) {
        throw new IllegalStateException("the reader of scores ended");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void read(String bootstrapServers, String scores) {
    try (KafkaConsumer<byte[], byte[]> consumer = ScoreTopic.consumer(bootstrapServers, scores)) {
      while (!closed) {
        var records = consumer.poll(Duration.ofMillis(100));
        long now = System.nanoTime();
        Window counted = window;
        for (ConsumerRecord<byte[], byte[]> record : records) {
          long offset = offset(record.value());
          if (offset >= counted.countFrom) {
            counted.micros.recordValue(Math.max(0, (now - counted.due(offset)) / 1000));
          }
        }
        received += records.count();
      }
    }
  }

  /** The number after {@code "offset":}. */
  private static long offset(byte[] score) {
    int at = 0;
    while (!startsWith(score, at)) {
      at++;
    }
    long offset = 0;
    for (at += OFFSET.length; score[at] >= '0' && score[at] <= '9'; at++) {
      offset = offset * 10 + score[at] - '0';
    }
    return offset;
  }

  private static boolean startsWith(byte[] score, int at) {
    for (int i = 0; i < OFFSET.length; i++) {
      if (score[at + i] != OFFSET[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    reader.join();
    producer.close();
  }
}
