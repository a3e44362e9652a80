package io.github.flinkdeepfm.pipeline.broker;

import java.nio.file.Path;
import java.util.Properties;

/** Properties of a single-node KRaft broker that is small and quick to start. */
final class BrokerSettings {
  static final int NODE_ID = 1;
  static final String CONTROLLER_LISTENER = "CONTROLLER";
  private static final String MIB = Integer.toString(1 << 20);

  private BrokerSettings() {}

  /**
   * @param directory the log directory, formatted
   * @param port of the broker's listener
   * @param controllerPort of the controller's listener
   */
  static Properties of(Path directory, int port, int controllerPort) {
    Properties p = new Properties();
    String broker = "PLAINTEXT://127.0.0.1:" + port;
    p.put("process.roles", "broker,controller");
    p.put("node.id", Integer.toString(NODE_ID));
    p.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
    p.put("controller.listener.names", CONTROLLER_LISTENER);
    p.put("listeners", broker + "," + CONTROLLER_LISTENER + "://127.0.0.1:" + controllerPort);
    p.put("advertised.listeners", broker);
    p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.put("log.dirs", directory.toString());
    p.put("auto.create.topics.enable", "false");
    // A score of any age keeps its event's time as its timestamp and stays.
    p.put("log.retention.ms", "-1");
    p.put("message.max.bytes", Integer.toString(16 << 20));
    internalTopics(p);
    smallMachine(p);
    return p;
  }

  private static void internalTopics(Properties p) {
    p.put("offsets.topic.replication.factor", "1");
    p.put("offsets.topic.num.partitions", "1");
    p.put("offsets.topic.segment.bytes", MIB);
    p.put("transaction.state.log.replication.factor", "1");
    p.put("transaction.state.log.min.isr", "1");
    p.put("transaction.state.log.num.partitions", "4");
    p.put("transaction.state.log.segment.bytes", MIB);
    p.put("share.coordinator.state.topic.replication.factor", "1");
    p.put("share.coordinator.state.topic.min.isr", "1");
    p.put("share.coordinator.state.topic.num.partitions", "1");
    p.put("group.initial.rebalance.delay.ms", "0");
  }

  private static void smallMachine(Properties p) {
    p.put("num.network.threads", "1");
    p.put("num.io.threads", "2");
    p.put("num.replica.fetchers", "1");
    p.put("num.recovery.threads.per.data.dir", "1");
    p.put("background.threads", "2");
    p.put("log.segment.bytes", Integer.toString(128 << 20));
    p.put("log.index.size.max.bytes", MIB);
    // The default, 128 MiB of heap, suits a production broker.
    p.put("log.cleaner.dedupe.buffer.size", Integer.toString(2 << 20));
  }
}
