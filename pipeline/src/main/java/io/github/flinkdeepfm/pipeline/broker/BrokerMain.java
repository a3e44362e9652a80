package io.github.flinkdeepfm.pipeline.broker;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs {@link EmbeddedKafka} in a JVM of its own until it is terminated. Prints {@code ready
 * <bootstrap.servers>} once its topics are made.
 */
@Command(
    name = "broker",
    mixinStandardHelpOptions = true,
    description = "A single-node Kafka broker on the loopback interface, until it is terminated.")
public final class BrokerMain implements Callable<Integer> {
  @Option(names = "--dir", required = true, description = "Data directory; made if need be.")
  private Path directory;

  @Option(names = "--port", description = "Port on 127.0.0.1; a free one if not given.")
  private int port;

  @Option(
      names = "--topic",
      paramLabel = "NAME:PARTITIONS",
      description = "A topic to make unless it is there; may be repeated.")
  private List<Topic> topics = List.of();

  /**
   * One {@code --topic}.
   *
   * @param partitions above 0
   */
  record Topic(String name, int partitions) {
    static Topic parse(String text) {
      if (!text.matches("[A-Za-z0-9._-]+:[1-9][0-9]{0,3}")) {
        throw new CommandLine.TypeConversionException(
            "expected NAME:PARTITIONS such as events:2, got '" + text + "'");
      }
      int colon = text.lastIndexOf(':');
      return new Topic(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }
  }

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new BrokerMain())
            .registerConverter(Topic.class, Topic::parse)
            .execute(args));
  }

  @Override
  public Integer call() {
    EmbeddedKafka kafka = EmbeddedKafka.start(directory, port);
    Runtime.getRuntime().addShutdownHook(new Thread(kafka::close, "broker-shutdown"));
    topics.stream()
        .filter(topic -> !kafka.hasTopic(topic.name()))
        .forEach(topic -> kafka.createTopic(topic.name(), topic.partitions(), Map.of()));
    System.out.println("ready " + kafka.bootstrapServers());
    kafka.awaitClose();
    return 0;
  }
}
