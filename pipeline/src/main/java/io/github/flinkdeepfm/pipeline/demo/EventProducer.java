package io.github.flinkdeepfm.pipeline.demo;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends clicks to the event topic at a steady rate, each with the time of its sending. */
final class EventProducer implements Callable<Void> {
  private static final int PACED_TOGETHER = 16;

  private final Map<String, Object> client;
  private final String topic;
  private final ClickStream clicks;
  private final AnswerKey key;
  private final long events;
  private final long rate;

  /**
   * @param key is told of every event before it is sent
   * @param rate events a second; 0: as fast as it goes
   */
  EventProducer(
      String bootstrapServers,
      String topic,
      ClickStream clicks,
      AnswerKey key,
      long events,
      long rate) {
    client =
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "enable.idempotence",
            true,
            "linger.ms",
            2,
            "batch.size",
            256 << 10);
    this.topic = topic;
    this.clicks = clicks;
    this.key = key;
    this.events = events;
    this.rate = rate;
  }

  /**
   * Returns when every event is acknowledged.
   *
   * @throws Exception the first failure of a send
   */
  @Override
  public Void call() throws Exception {
    AtomicReference<Exception> failure = new AtomicReference<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
      long start = System.nanoTime();
      for (long i = 0; i < events && failure.get() == null; i++) {
        if (rate > 0 && i % PACED_TOGETHER == 0) {
          waitUntil(start + (long) (i * 1e9 / rate));
        }
        long now = System.currentTimeMillis();
        Click click = clicks.next(now);
        key.add(click);
        byte[] id = ("e" + i).getBytes(StandardCharsets.US_ASCII);
        producer.send(
            new ProducerRecord<>(topic, key.partitionOf(i), now, id, click.value()),
            (metadata, e) -> {
              if (e != null) {
                failure.compareAndSet(null, e);
              }
            });
      }
      producer.flush();
    }
    if (failure.get() != null) {
      throw failure.get();
    }
    return null;
  }

  private static void waitUntil(long nanoTime) throws InterruptedException {
    for (long left; (left = nanoTime - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException("the demo was stopped");
      }
    }
  }
}
