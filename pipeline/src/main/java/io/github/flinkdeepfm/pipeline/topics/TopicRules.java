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
        topic.equals(needs.events()) ? Severity.STOPS : Severity.RISKS,
        topic,
        "does not exist",
        topic.equals(needs.events())
            ? "the job cannot read it"
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
      outputs(
          topic,
          topic.equals(needs.scores()) ? needs.largestScore() : needs.largestDeadLetter(),
          settings);
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

  private void outputs(String topic, long largest, TopicSettings settings) {
    if (settings.compacts()) {
      add(
          Severity.RISKS,
          topic,
          "cleanup.policy has compact",
          "one record of each key is kept, and a record of an event without a key is refused, which"
              + " stops the job",
          "set cleanup.policy=delete");
    }
    if (settings.maxBatchBytes() < largest) {
      add(
          Severity.STOPS,
          topic,
          "max.message.bytes=" + settings.maxBatchBytes(),
          "a record can have " + largest + " bytes, is refused then and stops the job",
          "set max.message.bytes=" + TopicSettings.DEFAULT.maxBatchBytes() + " or more");
    }
    if (!settings.appendTime() && settings.beforeMillis() < Duration.ofMinutes(1).toMillis()) {
      add(
          Severity.STOPS,
          topic,
          "message.timestamp.before.max.ms=" + settings.beforeMillis(),
          "a record that is as late on its way to the broker is refused, which stops the job",
          "set 60000 or more");
    } else if (settings.oldestMillis() < DAY.toMillis()) {
      boolean kept = settings.keptMillis() <= settings.beforeMillis();
      String half = text(settings.bounds().behindMillis());
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
