package io.github.flinkdeepfm.pipeline.topics;

import io.github.flinkdeepfm.pipeline.topics.TopicFinding.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One look at the configurations of a job's topics, and at what of the brokers' concerns it. It
 * never fails: what the brokers do not tell, or do not allow to be told, is a finding.
 */
public final class TopicLook {
  private static final Logger LOG = LoggerFactory.getLogger(TopicLook.class);
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final String MAX_TRANSACTION = "transaction.max.timeout.ms";

  /** Lines of this process: submission, first look and later ones say each thing once. */
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private final TopicNeeds needs;
  private final TopicRules rules;
  private final Map<String, TopicSettings> settings = new HashMap<>();
  private final Set<String> denied = new LinkedHashSet<>();
  private final Set<String> absent = new LinkedHashSet<>();
  private final Map<String, Throwable> failures = new TreeMap<>();

  private TopicLook(TopicNeeds needs) {
    this.needs = needs;
    this.rules = new TopicRules(needs);
  }

  /** Takes some ten seconds if no broker answers, and at most that for each of seven questions. */
  public static TopicLook at(TopicNeeds needs) throws InterruptedException {
    TopicLook look = new TopicLook(needs);
    Properties client = needs.kafka().toProperties();
    client.put(AdminClientConfig.CLIENT_ID_CONFIG, needs.job() + "-topics");
    client.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
    client.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
    Admin admin;
    try {
      admin = Admin.create(client);
    } catch (KafkaException e) {
      look.failures.put("brokers", e);
      return look;
    }
    try {
      look.ask(admin);
    } finally {
      admin.close(Duration.ZERO); // whoever is interrupted does not wait for answers
    }
    return look;
  }

  private void ask(Admin admin) throws InterruptedException {
    List<ConfigResource> resources =
        needs.topics().stream().map(t -> new ConfigResource(ConfigResource.Type.TOPIC, t)).toList();
    Map<ConfigResource, KafkaFuture<Config>> configs = admin.describeConfigs(resources).values();
    Map<String, KafkaFuture<TopicDescription>> descriptions =
        admin
            .describeTopics(
                needs.topics(), new DescribeTopicsOptions().includeAuthorizedOperations(true))
            .topicNameValues();
    for (ConfigResource resource : resources) {
      Config config = answer(configs.get(resource), "topic " + resource.name());
      if (config != null) {
        settings.put(resource.name(), TopicSettings.of(config));
        rules.settings(resource.name(), settings.get(resource.name()));
      }
      TopicDescription description =
          answer(descriptions.get(resource.name()), "topic " + resource.name());
      if (description != null) {
        rules.operations(resource.name(), description.authorizedOperations());
      }
    }
    needs.topics().stream().filter(t -> absent.contains("topic " + t)).forEach(rules::absent);
    if (needs.transactionMillis() > 0 && failures.isEmpty()) {
      askForTransactions(admin);
    }
  }

  private void askForTransactions(Admin admin) throws InterruptedException {
    var nodes = answer(admin.describeCluster().nodes(), "brokers");
    if (nodes == null || nodes.isEmpty()) {
      return;
    }
    ConfigResource broker =
        new ConfigResource(ConfigResource.Type.BROKER, nodes.iterator().next().idString());
    Config config = answer(admin.describeConfigs(List.of(broker)).values().get(broker), "brokers");
    if (config != null) {
      rules.transactions(TopicSettings.number(config, MAX_TRANSACTION, Long.MAX_VALUE));
    }
  }

  /** Null if there is none. */
  private <T> T answer(KafkaFuture<T> future, String about) throws InterruptedException {
    try {
      return future.get(2 * TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        denied.add(about);
      } else if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        absent.add(about);
      } else {
        failures.put(about, e.getCause());
      }
    } catch (TimeoutException e) {
      failures.put(about, e);
    }
    return null;
  }

  /** Returns what the brokers told; of a topic that is not in it nothing is known. */
  Map<String, TopicSettings> settings() {
    return settings;
  }

  /** Whether the brokers have told of both output topics what decides, or will not tell it. */
  boolean isAnswered() {
    return Stream.of(needs.scores(), needs.deadLetters())
        .allMatch(topic -> settings.containsKey(topic) || denied.contains("topic " + topic));
  }

  /** All that does not suit the job. */
  public List<TopicFinding> findings() {
    List<TopicFinding> all = new ArrayList<>(rules.findings());
    String defaults = "Kafka's defaults count, retention.ms=7 days";
    if (!denied.isEmpty()) {
      all.add(
          new TopicFinding(
              Severity.UNKNOWN,
              String.join(", ", denied),
              "the configuration may not be read",
              defaults,
              "allow DescribeConfigs, or make sure of them yourself"));
    }
    Map<String, List<String>> unanswered = new TreeMap<>();
    failures.forEach(
        (about, failure) ->
            unanswered
                .computeIfAbsent(failure.getClass().getSimpleName(), f -> new ArrayList<>())
                .add(about));
    unanswered.forEach(
        (failure, about) ->
            all.add(
                new TopicFinding(
                    Severity.UNKNOWN,
                    String.join(", ", about),
                    "no answer about the configuration (" + failure + ")",
                    defaults + " for what is not known",
                    "it is tried again while the job runs")));
    return all;
  }

  /**
   * Logs each finding that this process has not logged yet.
   *
   * @throws UnsuitableTopicsException if the job would fail by one, sooner or later
   */
  public void check() {
    warn();
    List<TopicFinding> stops =
        rules.findings().stream().filter(f -> f.severity() == Severity.STOPS).toList();
    if (!stops.isEmpty()) {
      throw new UnsuitableTopicsException(stops);
    }
  }

  /** Logs each finding that this process has not logged yet. */
  void warn() {
    for (TopicFinding finding : findings()) {
      if (SAID.add(needs.job() + " " + finding)) {
        LOG.warn("{}", finding);
      }
    }
  }
}
