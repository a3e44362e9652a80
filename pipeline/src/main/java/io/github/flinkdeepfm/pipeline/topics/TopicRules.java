package io.github.flinkdeepfm.pipeline.topics;

import io.github.flinkdeepfm.pipeline.topics.TopicFinding.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;

/** What a job asks of its topics, compared with what they are. */
final class TopicRules {
  /** Readers, and the job itself, may stand still for a day. */
  private static final Duration DAY = Duration.ofDays(1);

  /** A dead letter's reason, detail, coordinates, key and headers; see DeadLetterRecords. */
  private static final int LEAST_BYTES = 4 << 10;

  private final TopicNeeds needs;
  private final List<TopicFinding> findings = new ArrayList<>();

  TopicRules(TopicNeeds needs) {
    this.needs = needs;
  }

  List<TopicFinding> findings() {
    return findings;
  }

  void absent(String topic) {
    add(
        Severity.RISKS,
        topic,
        "does not exist",
        topic.equals(needs.events())
            ? "the job cannot read it, and starts again until it is there"
            : "the job waits for it, or the brokers make it with their defaults",
        "create it");
  }

  /**
   * @param allowed what this client may do; null if the brokers do not say
   */
  void operations(String topic, Set<AclOperation> allowed) {
    AclOperation needed = topic.equals(needs.events()) ? AclOperation.READ : AclOperation.WRITE;
    if (allowed != null && !allowed.contains(needed)) {
      add(
          Severity.STOPS,
          topic,
          needed + " is not allowed",
          "the job cannot " + (needed == AclOperation.READ ? "read" : "write") + " it",
          "allow " + needed);
    }
  }

  void settings(String topic, TopicSettings settings) {
    if (topic.equals(needs.events())) {
      events(settings);
    } else {
      outputs(topic, settings);
      if (topic.equals(needs.scores())) {
        scoreBytes(settings.maxBatchBytes());
      } else {
        deadLetterBytes(settings.maxBatchBytes());
      }
    }
  }

  private void events(TopicSettings settings) {
    String topic = needs.events();
    if (settings.compacts()) {
      add(
          Severity.RISKS,
          topic,
          "cleanup.policy has compact",
          "an event is deleted unread when a later one has its key",
          "set cleanup.policy=delete");
    }
    if (settings.keptMillis() < DAY.toMillis()) {
      add(
          Severity.RISKS,
          topic,
          "retention.ms=" + settings.retentionMillis(),
          "an event that the job has not read " + text(settings.keptMillis()) + " after it is lost",
          "set retention.ms to a day or more");
    }
  }

  private void outputs(String topic, TopicSettings settings) {
    if (settings.compacts()) {
      add(
          Severity.RISKS,
          topic,
          "cleanup.policy has compact",
          "one record of each key is kept, and a record of an event without a key gets the event's"
              + " coordinates as its key",
          "set cleanup.policy=delete");
    }
    if (!settings.appendTime() && settings.beforeMillis() < Duration.ofMinutes(1).toMillis()) {
      add(
          Severity.STOPS,
          topic,
          "message.timestamp.before.max.ms=" + settings.beforeMillis(),
          "a record that is as late on its way to the broker is refused, which would stop the job",
          "set 60000 or more");
    } else if (settings.oldestMillis() < DAY.toMillis()) {
      boolean kept = settings.keptMillis() <= settings.beforeMillis();
      String half = text(settings.limits().behindMillis());
      add(
          Severity.RISKS,
          topic,
          kept
              ? "retention.ms=" + settings.retentionMillis()
              : "message.timestamp.before.max.ms=" + settings.beforeMillis(),
          "a record of an event older than "
              + half
              + " gets the time of scoring as its timestamp"
              + (kept ? ", and any may be gone " + half + " after it was made" : ""),
          "set a day or more");
    }
    if (!settings.appendTime() && settings.afterMillis() < Duration.ofMinutes(1).toMillis()) {
      add(
          Severity.RISKS,
          topic,
          "message.timestamp.after.max.ms=" + settings.afterMillis(),
          "a broker whose clock is late by so much refuses records, which stops the job",
          "set 60000 or more");
    }
  }

  private void scoreBytes(long limit) {
    long largest = needs.largestScore();
    if (limit < largest) {
      long room = needs.outputBytes() - (largest - limit);
      add(
          Severity.STOPS,
          needs.scores(),
          "max.message.bytes=" + limit,
          "a record can have " + largest + " bytes and would be refused",
          "set max.message.bytes="
              + largest
              + " or more"
              + (room > 0
                  ? ", or output.max_bytes="
                      + room
                      + " or less: larger scores are dead letters then"
                  : ""));
    }
  }

  private void deadLetterBytes(long limit) {
    if (limit < LEAST_BYTES) {
      add(
          Severity.STOPS,
          needs.deadLetters(),
          "max.message.bytes=" + limit,
          "a dead letter can have " + LEAST_BYTES + " bytes without any payload",
          "set max.message.bytes=" + needs.largestDeadLetter() + " or more");
    } else if (limit < needs.largestDeadLetter()) {
      add(
          Severity.RISKS,
          needs.deadLetters(),
          "max.message.bytes=" + limit,
          "payloads, and keys and headers of more than half of that, are cut to what fits",
          "set max.message.bytes=" + needs.largestDeadLetter() + " or more");
    }
  }

  void transactions(long maxMillis) {
    if (maxMillis < needs.transactionMillis()) {
      findings.add(
          new TopicFinding(
              Severity.STOPS,
              "brokers",
              "transaction.max.timeout.ms=" + maxMillis,
              "transactions of " + needs.transactionMillis() + " ms are refused",
              "set scores.transaction_timeout to " + maxMillis + "ms or less, or raise theirs"));
    }
  }

  private void add(Severity severity, String topic, String found, String means, String cure) {
    findings.add(new TopicFinding(severity, "topic " + topic, found, means, cure));
  }

  private static String text(long millis) {
    Duration duration = Duration.ofMillis(millis);
    return duration.toString().substring(2).toLowerCase(Locale.ROOT);
  }
}
