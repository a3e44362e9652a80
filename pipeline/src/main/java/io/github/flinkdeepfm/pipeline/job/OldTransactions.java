package io.github.flinkdeepfm.pipeline.job;

import java.io.Serializable;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions that an exactly-once run of the same job left open when it was killed. The
 * connector ends them if the next run is exactly-once, too; this class does if it is not. Readers
 * of committed records wait for them otherwise, until {@code scores.transaction_timeout} has
 * passed.
 */
final class OldTransactions implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(OldTransactions.class);
  private static final int TIMEOUT_MILLIS = 10_000;

  /** Ends nothing. */
  private static final Ending NONE = new Ending(null, false);

  private final OutputTopic topic;
  private final String prefix;

  /**
   * @param prefix of the transactional ids; null if the sink's own transactions have it
   */
  OldTransactions(OutputTopic topic, String prefix) {
    this.topic = topic;
    this.prefix = prefix;
  }

  /** Returns what the first subtask has to end; the others have nothing to. */
  Ending of(WriterInitContext context) {
    return prefix == null || context.getTaskInfo().getIndexOfThisSubtask() > 0
        ? NONE
        : new Ending(this, context.getRestoredCheckpointId().isPresent());
  }

  private void abort() {
    Properties client = topic.needs().kafka().toProperties();
    client.put(AdminClientConfig.CLIENT_ID_CONFIG, prefix + "-old");
    client.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
    client.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
    Pattern ids = Pattern.compile(Pattern.quote(prefix) + "-\\d+-\\d+");
    try (Admin admin = Admin.create(client)) {
      List<String> open =
          admin
              .listTransactions(
                  new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING)))
              .all()
              .get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
              .stream()
              .map(TransactionListing::transactionalId)
              .filter(id -> ids.matcher(id).matches())
              .toList();
      if (!open.isEmpty()) {
        admin.fenceProducers(open).all().get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        LOG.info("Aborted {} transactions of an earlier run: {}", open.size(), open);
      }
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.warn(
          "Topic {}: whether an earlier run left transactions open could not be found out or mended;"
              + " readers of committed records may wait until they time out: {}",
          topic,
          e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * When one run ends them: at once, or, with restored state, at its first checkpoint. That state
   * has transactions, too, and every subtask has committed its own before a checkpoint begins.
   */
  static final class Ending {
    private final OldTransactions old;
    private final boolean restored;
    private Thread thread;

    private Ending(OldTransactions old, boolean restored) {
      this.old = old;
      this.restored = restored;
    }

    void opened() {
      if (!restored) {
        start();
      }
    }

    void checkpointed() {
      if (restored) {
        start();
      }
    }

    private void start() {
      if (old != null && thread == null) {
        thread = new Thread(old::abort, old.prefix + "-old");
        thread.setDaemon(true);
        thread.start();
      }
    }

    void close() {
      if (thread != null) {
        thread.interrupt();
      }
    }
  }
}
