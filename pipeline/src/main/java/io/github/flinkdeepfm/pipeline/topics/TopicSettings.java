package io.github.flinkdeepfm.pipeline.topics;

import java.time.Duration;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The part of a topic's configuration that decides about scores and dead letters.
 *
 * @param deletes whether {@code cleanup.policy} has delete, so that retention counts
 * @param compacts whether it has compact
 * @param retentionMillis {@code retention.ms}; {@link Long#MAX_VALUE} without bound
 * @param beforeMillis how old a record's timestamp may be when the broker gets it
 * @param afterMillis how far ahead it may be
 * @param appendTime whether the broker sets timestamps itself and takes any
 * @param maxBatchBytes {@code max.message.bytes}
 */
record TopicSettings(
    boolean deletes,
    boolean compacts,
    long retentionMillis,
    long beforeMillis,
    long afterMillis,
    boolean appendTime,
    long maxBatchBytes) {

  /** Kafka's defaults. */
  static final TopicSettings DEFAULT =
      new TopicSettings(
          true,
          false,
          Duration.ofDays(7).toMillis(),
          Long.MAX_VALUE,
          Duration.ofHours(1).toMillis(),
          false,
          (1 << 20) + 12);

  /** Brokers before 3.6 have one setting for both directions. */
  private static final String DIFFERENCE = "message.timestamp.difference.max.ms";

  /** What a broker does not tell has Kafka's default. */
  static TopicSettings of(Config config) {
    String policy = text(config, TopicConfig.CLEANUP_POLICY_CONFIG, "delete");
    long retention = number(config, TopicConfig.RETENTION_MS_CONFIG, DEFAULT.retentionMillis);
    long difference = number(config, DIFFERENCE, Long.MAX_VALUE);
    return new TopicSettings(
        policy.contains(TopicConfig.CLEANUP_POLICY_DELETE),
        policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT),
        retention < 0 ? Long.MAX_VALUE : retention,
        Math.min(
            difference,
            number(config, TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, Long.MAX_VALUE)),
        Math.min(
            difference,
            number(
                config,
                TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG,
                config.get(DIFFERENCE) == null ? DEFAULT.afterMillis : Long.MAX_VALUE)),
        text(config, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "").equals("LogAppendTime"),
        number(config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG, DEFAULT.maxBatchBytes));
  }

  /** What is older than this is deleted, or not taken; {@link Long#MAX_VALUE} without bound. */
  long oldestMillis() {
    return appendTime ? Long.MAX_VALUE : Math.min(keptMillis(), beforeMillis);
  }

  /** How long a record is there; {@link Long#MAX_VALUE} without bound. */
  long keptMillis() {
    return deletes ? retentionMillis : Long.MAX_VALUE;
  }

  TopicLimits limits() {
    return TopicLimits.of(this);
  }

  private static String text(Config config, String key, String otherwise) {
    ConfigEntry entry = config.get(key);
    return entry == null || entry.value() == null ? otherwise : entry.value();
  }

  /** The number that a configuration has under a key; {@code otherwise} where it has none. */
  static long number(Config config, String key, long otherwise) {
    String text = text(config, key, "");
    return text.matches("-?\\d{1,19}") ? Long.parseLong(text) : otherwise;
  }
}
