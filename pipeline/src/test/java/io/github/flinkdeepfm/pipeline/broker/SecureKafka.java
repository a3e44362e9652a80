package io.github.flinkdeepfm.pipeline.broker;

import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A real broker that takes SASL_SSL with SCRAM-SHA-512 only, its certificate of an own authority.
 * Its authorizer lets {@link #USER} do everything, and {@link #LIMITED} what a job cannot do
 * without.
 */
public final class SecureKafka implements AutoCloseable {
  /** Of every key store and trust store. */
  public static final String STORE_PASSWORD = "store-pass-41c9e2";

  public static final String USER = "job";
  public static final String PASSWORD = "scram-pass-7f3ab0";

  /** Reads, writes and uses every group and transactional id, and no more; same password. */
  public static final String LIMITED = "limited";

  private static final String BROKER_PASSWORD = "scram-broker-9d21";

  private final KafkaRaftServer server;
  private final int port;
  private final Path trusted;
  private final Path other;

  private SecureKafka(KafkaRaftServer server, int port, Path trusted, Path other) {
    this.server = server;
    this.port = port;
    this.trusted = trusted;
    this.other = other;
  }

  /** Starts in an empty directory. */
  public static SecureKafka start(Path directory) throws Exception {
    Keystores keys = new Keystores(directory.resolve("keys"), STORE_PASSWORD);
    Path trusted = keys.authority("own");
    Path other = keys.authority("other");
    Path data = Files.createDirectories(directory.resolve("data")).toAbsolutePath();
    int port = freePort();
    int controller = freePort();
    Properties p = BrokerSettings.of(data, port, controller);
    p.put(
        "listeners", "SECURE://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controller));
    p.put("advertised.listeners", "SECURE://127.0.0.1:" + port);
    p.put("listener.security.protocol.map", "SECURE:SASL_SSL,CONTROLLER:PLAINTEXT");
    p.put("inter.broker.listener.name", "SECURE");
    p.put("sasl.enabled.mechanisms", "SCRAM-SHA-512");
    p.put("sasl.mechanism.inter.broker.protocol", "SCRAM-SHA-512");
    p.put("listener.name.secure.scram-sha-512.sasl.jaas.config", jaas("broker", BROKER_PASSWORD));
    p.put("ssl.keystore.location", keys.server("own").toString());
    p.put("ssl.keystore.password", STORE_PASSWORD);
    p.put("ssl.key.password", STORE_PASSWORD);
    p.put("ssl.truststore.location", trusted.toString());
    p.put("ssl.truststore.password", STORE_PASSWORD);
    p.put("authorizer.class.name", StandardAuthorizer.class.getName());
    p.put("super.users", "User:broker;User:ANONYMOUS;User:" + USER); // the controller's listener
    new Formatter()
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setNodeId(BrokerSettings.NODE_ID)
        .setClusterId(Uuid.randomUuid().toString())
        .addDirectory(data.toString())
        .setMetadataLogDirectory(data.toString())
        .setControllerListenerName(BrokerSettings.CONTROLLER_LISTENER)
        .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
        .setScramArguments(
            List.of(
                scram("broker", BROKER_PASSWORD), scram(USER, PASSWORD), scram(LIMITED, PASSWORD)))
        .run();
    KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(p, false), Time.SYSTEM);
    server.startup();
    SecureKafka kafka = new SecureKafka(server, port, trusted, other);
    kafka.allowLimited();
    return kafka;
  }

  private void allowLimited() throws Exception {
    List<AclBinding> allowed =
        List.of(
            allow(ResourceType.TOPIC, AclOperation.READ),
            allow(ResourceType.TOPIC, AclOperation.WRITE),
            allow(ResourceType.GROUP, AclOperation.READ),
            allow(ResourceType.TRANSACTIONAL_ID, AclOperation.WRITE));
    try (Admin admin = Admin.create(new HashMap<String, Object>(client()))) {
      admin.createAcls(allowed).all().get();
    }
  }

  private static AclBinding allow(ResourceType type, AclOperation operation) {
    return new AclBinding(
        new ResourcePattern(type, "*", PatternType.LITERAL),
        new AccessControlEntry("User:" + LIMITED, "*", operation, AclPermissionType.ALLOW));
  }

  /** The client properties of {@link #USER}. */
  public Map<String, String> client() {
    return client(PASSWORD, trusted);
  }

  /** The same with a password of one's own. */
  public Map<String, String> clientWithPassword(String password) {
    return client(password, trusted);
  }

  /** The same, trusting another authority. */
  public Map<String, String> clientOfAnotherAuthority() {
    return client(PASSWORD, other);
  }

  /** The client properties of {@link #LIMITED}. */
  public Map<String, String> clientOfLimited() {
    Map<String, String> client = client();
    client.put("sasl.jaas.config", jaas(LIMITED, PASSWORD));
    return client;
  }

  private Map<String, String> client(String password, Path truststore) {
    Map<String, String> client = new HashMap<>();
    client.put("bootstrap.servers", "127.0.0.1:" + port);
    client.put("security.protocol", "SASL_SSL");
    client.put("sasl.mechanism", "SCRAM-SHA-512");
    client.put("sasl.jaas.config", jaas(USER, password));
    client.put("ssl.truststore.location", truststore.toString());
    client.put("ssl.truststore.password", STORE_PASSWORD);
    return client;
  }

  public void createTopic(String name) throws Exception {
    try (Admin admin = Admin.create(new HashMap<String, Object>(client()))) {
      admin
          .createTopics(List.of(new NewTopic(name, Optional.of(1), Optional.of((short) 1))))
          .all()
          .get();
    }
  }

  private static String jaas(String user, String password) {
    return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
        .formatted(user, password);
  }

  private static String scram(String user, String password) {
    return "SCRAM-SHA-512=[name=%s,password=%s]".formatted(user, password);
  }

  private static int freePort() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }
}
