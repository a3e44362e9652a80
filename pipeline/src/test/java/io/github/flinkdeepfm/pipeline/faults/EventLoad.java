package io.github.flinkdeepfm.pipeline.faults;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends events at a steady rate until it is closed, through broker failures too. Event i goes to
 * partition i mod P as its record i / P (the producer is idempotent).
 */
final class EventLoad implements AutoCloseable {
  private static final int PACED_TOGETHER = 8;

  /** One for each partition in turn, so that a job meets all of Kafka's compression. */
  private static final List<String> CODECS = List.of("lz4", "gzip", "snappy", "zstd");

  private final List<KafkaProducer<byte[], byte[]>> producers;
  private final FaultEvents events;
  private final String topic;
  private final int partitions;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final CompletableFuture<Void> done;
  private volatile double rate;
  private volatile boolean closed;

  /**
   * @param rate events a second to begin with
   */
  EventLoad(
      String bootstrapServers, FaultEvents events, String topic, int partitions, double rate) {
    this.events = events;
    this.topic = topic;
    this.partitions = partitions;
    this.rate = rate;
    producers = CODECS.stream().map(codec -> producer(bootstrapServers, codec)).toList();
    done = Background.run("event-load", this::send);
  }

  private static KafkaProducer<byte[], byte[]> producer(String bootstrapServers, String codec) {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "linger.ms",
            5,
            "compression.type",
            codec,
            "buffer.memory",
            16 << 20,
            "delivery.timeout.ms",
            600_000,
            "max.block.ms",
            600_000,
            "reconnect.backoff.max.ms",
            200),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  /** How many events were given to the producer so far. */
  long sent() {
    return sent.get();
  }

  /** From now on so many events a second. */
  void rate(double eventsPerSecond) {
    rate = eventsPerSecond;
  }

  private void send() {
    long due = System.nanoTime();
    while (!closed && failure.get() == null) {
      for (int n = 0; n < PACED_TOGETHER; n++) {
        long i = sent.get();
        int partition = (int) (i % partitions);
        var unused =
            producers
                .get(partition % producers.size())
                .send(
                    new ProducerRecord<>(topic, partition, null, events.value(i)),
                    (metadata, e) -> {
                      if (e != null) {
                        failure.compareAndSet(null, e);
                      } else if (metadata.offset() * partitions + metadata.partition() != i) {
                        failure.compareAndSet(
                            null, new IllegalStateException("event " + i + " is at " + metadata));
                      }
                    });
        sent.set(i + 1);
      }
      // After a pause it goes on at its rate: what was missed is not made up for.
      due = Math.max(due, System.nanoTime() - 100_000_000) + (long) (PACED_TOGETHER * 1e9 / rate);
      for (long left; !closed && (left = due - System.nanoTime()) > 0; ) {
        LockSupport.parkNanos(Math.min(left, 10_000_000));
      }
    }
  }

  /** Ends the stream; returns when the broker has all of it. */
  @Override
  public void close() {
    closed = true;
    done.join();
    producers.forEach(KafkaProducer::close);
    if (failure.get() != null) {
      throw new AssertionError("an event could not be sent", failure.get());
    }
  }
}
