package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries the brokers before a job starts: one that they turn away would otherwise be restarted for
 * ever. Brokers that cannot be reached may come later; the job waits for them.
 */
public final class KafkaAccess {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaAccess.class);
  private static final int TIMEOUT_MILLIS = 5_000;

  private KafkaAccess() {}

  /**
   * Connects once.
   *
   * @throws InvalidConfigurationException if the section {@code kafka} is not what a client takes,
   *     or the brokers refuse its certificate or credentials, or it refuses theirs
   */
  public static void check(JobConfig config) throws InterruptedException {
    Properties client = config.kafka().toProperties();
    client.put(AdminClientConfig.CLIENT_ID_CONFIG, config.job() + "-check");
    client.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
    client.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
    try (Admin admin = Admin.create(client)) {
      admin.describeCluster().nodes().get(2 * TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthenticationException
          || e.getCause() instanceof AuthorizationException) {
        throw refused("brokers that let this client in", e.getCause());
      }
      warn(e.getCause());
    } catch (TimeoutException e) {
      warn(e);
    } catch (KafkaException e) {
      throw refused("properties that a Kafka client takes", e);
    }
  }

  private static void warn(Throwable e) {
    LOG.warn("No broker answers yet: {}", e.toString());
  }

  private static InvalidConfigurationException refused(String expected, Throwable got) {
    StringBuilder text = new StringBuilder("expected " + expected + ", got ").append(got);
    for (Throwable cause = got.getCause(); cause != null; cause = cause.getCause()) {
      text.append(", caused by ").append(cause);
    }
    return new InvalidConfigurationException("kafka", List.of(text.toString()));
  }
}
