package io.github.flinkdeepfm.pipeline.config;

import io.github.flinkdeepfm.model.Problems;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Flink;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import org.apache.flink.connector.base.DeliveryGuarantee;

/** The rules that span sections: combinations that would start and then break. */
final class JobConfigRules {
  /** Kafka properties that the job sets itself, and where they are configured. */
  private static final Map<String, String> OWNED_KAFKA_PROPERTIES =
      Map.ofEntries(
          Map.entry("group.id", "events.group"),
          Map.entry("isolation.level", "events.isolation"),
          Map.entry("auto.offset.reset", "events.start and events.on_lost"),
          Map.entry("enable.auto.commit", "flink.checkpoint_interval"),
          Map.entry("transactional.id", "job"),
          Map.entry("transaction.timeout.ms", "scores.transaction_timeout"),
          Map.entry("enable.idempotence", "scores.delivery"),
          Map.entry("key.serializer", "nothing, keys are bytes"),
          Map.entry("value.serializer", "nothing, values are bytes"),
          Map.entry("key.deserializer", "nothing, keys are bytes"),
          Map.entry("value.deserializer", "nothing, values are bytes"));

  private static final String PARTITION_DISCOVERY = "partition.discovery.interval.ms";

  private static final Map<String, String> OWNED_FLINK_OPTIONS =
      Map.of(
          "parallelism.default", "flink.parallelism",
          "execution.checkpointing.interval", "flink.checkpoint_interval",
          "pipeline.name", "job");

  /** Flink options of which only one value keeps the job's promises. */
  private static final Map<String, String> FIXED_FLINK_OPTIONS =
      Map.ofEntries(
          Map.entry("pipeline.operator-chaining.enabled", "true"),
          Map.entry("pipeline.object-reuse", "true"),
          Map.entry("pipeline.generic-types", "false"),
          Map.entry("execution.runtime-mode", "streaming"),
          Map.entry("execution.checkpointing.mode", "exactly_once"),
          Map.entry("execution.checkpointing.unaligned.enabled", "false"));

  /** The producer's own default of max.request.size. */
  private static final int DEFAULT_MAX_REQUEST_SIZE = 1 << 20;

  private static final String CHECKPOINT_TIMEOUT = "execution.checkpointing.timeout";

  private JobConfigRules() {}

  static void check(JobConfig config, Problems problems) {
    config.kafka().values().keySet().stream()
        .filter(OWNED_KAFKA_PROPERTIES::containsKey)
        .forEach(key -> problems.add("kafka." + key, ownedBy(OWNED_KAFKA_PROPERTIES.get(key))));
    checkEvents(config, problems);
    checkFlinkOptions(config.flink().options().values(), problems);
    checkDelivery(config, problems);
    checkRefresh(config, problems);
    checkTopics(config, problems);
    checkRecordSize(config, problems);
  }

  private static void checkEvents(JobConfig config, Problems problems) {
    JobConfig.Start start = config.events().start();
    if (start.at() == JobConfig.Start.At.TIMESTAMP
        && start.timestamp() > System.currentTimeMillis()) {
      problems.expected(
          "events.start",
          "a time in the past (for events from now on: latest)",
          Instant.ofEpochMilli(start.timestamp()));
    }
    String discovery = config.kafka().values().get(PARTITION_DISCOVERY);
    if (discovery != null && !discovery.matches("-?\\d{1,18}")) {
      problems.expected("kafka." + PARTITION_DISCOVERY, "milliseconds (0: never)", discovery);
    }
  }

  private static void checkFlinkOptions(SortedMap<String, String> options, Problems problems) {
    options.forEach(
        (key, value) -> {
          if (key.indexOf('.') < 0) {
            problems.add(
                "flink." + key,
                "unknown key; known here: parallelism, checkpoint_interval and Flink's own options,"
                    + " such as restart-strategy.type");
          } else if (OWNED_FLINK_OPTIONS.containsKey(key)) {
            problems.add("flink." + key, ownedBy(OWNED_FLINK_OPTIONS.get(key)));
          } else if (FIXED_FLINK_OPTIONS.containsKey(key)
              && !FIXED_FLINK_OPTIONS.get(key).equals(value.toLowerCase(Locale.ROOT))) {
            problems.expected("flink." + key, FIXED_FLINK_OPTIONS.get(key), value);
          }
        });
    String max = options.get("pipeline.max-parallelism");
    if (max != null && !max.matches("\\d{1,5}")) {
      problems.expected("flink.pipeline.max-parallelism", "an integer up to 32768", max);
    }
  }

  private static void checkDelivery(JobConfig config, Problems problems) {
    Flink flink = config.flink();
    boolean exactlyOnce = config.scores().delivery() == DeliveryGuarantee.EXACTLY_ONCE;
    if (flink.checkpointInterval().isEmpty()) {
      if (exactlyOnce) {
        problems.add(
            "scores.delivery",
            "exactly_once needs checkpoints, but flink.checkpoint_interval is off");
      }
      return;
    }
    Duration interval = flink.checkpointInterval().get();
    if (interval.compareTo(Duration.ofMillis(10)) < 0) {
      problems.expected("flink.checkpoint_interval", "at least 10ms, or off", show(interval));
    }
    Duration timeout = config.scores().transactionTimeout();
    if (exactlyOnce) {
      checkTransactions(interval, config, problems);
    }
    if (timeout.toMillis() > Integer.MAX_VALUE) {
      problems.expected("scores.transaction_timeout", "at most 24d", show(timeout));
    }
  }

  /** A transaction is open until a checkpoint after its own has succeeded. */
  private static void checkTransactions(Duration interval, JobConfig config, Problems problems) {
    Map<String, String> options = config.flink().options().values();
    String tolerated = options.get(JobConfig.TOLERATED_FAILURES);
    if (tolerated != null && !tolerated.matches("\\d{1,9}")) {
      problems.expected(
          "flink." + JobConfig.TOLERATED_FAILURES, "a number of checkpoints", tolerated);
      return;
    }
    Duration timeout = config.scores().transactionTimeout();
    long checkpoints = 1 + config.toleratedFailures();
    String because =
        tolerated == null
            ? ""
            : ", because flink.%s=%s keep a transaction open"
                .formatted(JobConfig.TOLERATED_FAILURES, tolerated);
    if (timeout.toMillis() / (checkpoints + 1) < interval.toMillis()) {
      problems.expected(
          "scores.transaction_timeout",
          "at least %d times flink.checkpoint_interval (%s)%s"
              .formatted(checkpoints + 1, show(interval), because),
          show(timeout));
      return;
    }
    String longest = options.get(CHECKPOINT_TIMEOUT);
    Duration most = config.longestCheckpoint().orElseThrow();
    if (longest != null
        && Quantities.duration(longest).filter(d -> d.compareTo(most) > 0).isPresent()) {
      problems.expected(
          "flink." + CHECKPOINT_TIMEOUT,
          "at most %s with scores.transaction_timeout %s and flink.checkpoint_interval %s%s"
              .formatted(show(most), show(timeout), show(interval), because),
          longest);
    }
  }

  private static void checkRefresh(JobConfig config, Problems problems) {
    if (config.model().refreshes()
        && config.model().refresh().at() == RefreshSettings.At.CHECKPOINT
        && config.flink().checkpointInterval().isEmpty()) {
      problems.add(
          "model.refresh.at",
          "checkpoint needs checkpoints, but flink.checkpoint_interval is off;"
              + " batch, model.pin or model.directory do not");
    }
  }

  private static void checkTopics(JobConfig config, Problems problems) {
    String events = config.events().topic();
    if (!events.isEmpty() && events.equals(config.scores().topic())) {
      problems.add("scores.topic", "expected another topic than events.topic, got " + events);
    }
    if (!events.isEmpty() && events.equals(config.deadLetterTopic())) {
      problems.add("dead_letters.topic", "expected another topic than events.topic, got " + events);
    }
    if (!config.deadLetterTopic().isEmpty()
        && config.deadLetterTopic().equals(config.scores().topic())) {
      problems.add(
          "dead_letters.topic",
          "expected another topic than scores.topic, got " + config.deadLetterTopic());
    }
  }

  /** A dead letter that the producer refuses would stop the job for good. */
  private static void checkRecordSize(JobConfig config, Problems problems) {
    String text = config.kafka().values().get("max.request.size");
    if (text != null && !text.matches("\\d{1,9}")) {
      problems.expected("kafka.max.request.size", "a number of bytes", text);
      return;
    }
    int limit = text == null ? DEFAULT_MAX_REQUEST_SIZE : Integer.parseInt(text);
    long largest = config.largestDeadLetter();
    if (largest > limit) {
      problems.expected(
          text == null ? "output.payload_limit" : "kafka.max.request.size",
          "the largest output record ("
              + largest
              + " bytes: base64 of the payload, key and headers) within max.request.size",
          limit);
    }
  }

  private static String ownedBy(String key) {
    return "is set by the job; configured by " + key;
  }

  private static String show(Duration duration) {
    return duration.toMillis() + "ms";
  }
}
