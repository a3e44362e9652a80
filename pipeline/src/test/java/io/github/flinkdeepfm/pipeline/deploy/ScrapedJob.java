package io.github.flinkdeepfm.pipeline.deploy;

import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.job.FlinkOptions;
import io.github.flinkdeepfm.pipeline.job.LocalCluster;
import io.github.flinkdeepfm.pipeline.job.ModelLocator;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A job with the reporter of the deployment's configuration, and what Prometheus gets of it. */
final class ScrapedJob implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Path folder;
  private final EmbeddedKafka broker;
  private final int port = freePort();
  private final ModelPublisher publisher;
  private final LocalCluster cluster;
  private final JobID job;

  /**
   * @param reporter Flink's configuration, of which the metric options are taken
   */
  ScrapedJob(Path folder, Map<String, String> reporter) throws Exception {
    this.folder = folder;
    broker = EmbeddedKafka.start(folder.resolve("broker"));
    for (String topic : new String[] {"events", "scores", "dead"}) {
      broker.createTopic(topic, 1, Map.of());
    }
    publisher =
        new ModelPublisher(new LocalModelStorage(folder.resolve("root")), ModelChecks.standard());
    publish("v1");
    JobConfig config = config();
    Configuration options = FlinkOptions.of(config);
    reporter.forEach(
        (key, value) -> {
          if (key.startsWith("metrics.")) {
            options.setString(key, value);
          }
        });
    options.setString("metrics.reporter.prom.port", Integer.toString(port));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, options);
    ScoringJob.define(
        env,
        config,
        ScoringJob.settings(config, ModelLocator.locate(config.model(), Optional.empty())));
    cluster = LocalCluster.start(options, 1);
    job = cluster.submit(env.getStreamGraph());
    cluster.awaitRunning(job);
  }

  private JobConfig config() {
    return new JobConfigReader(Map.of())
        .parse(
            "job.yaml",
            """
            job: ctr
            kafka: {bootstrap.servers: "%s"}
            events: {topic: events, group: ctr, start: earliest}
            scores: {topic: scores, transaction_timeout: 1min}
            dead_letters: {topic: dead}
            model: {root: "%s", poll: 50ms, cache: {dir: "%s"},
                    canary: {min_events: 1, max_psi: 1000, max_mean_shift: 1}}
            flink: {parallelism: 1, checkpoint_interval: 300ms}
            """
                .formatted(
                    broker.bootstrapServers(), folder.resolve("root"), folder.resolve("cache")));
  }

  /** Makes a model a version of the job's root. */
  void publish(String version) throws Exception {
    Path made =
        TinyModel.write(
            folder.resolve("made").resolve(version), Integer.parseInt(version, 1, 2, 10));
    publisher.publish(made, PublishOptions.DEFAULT.withVersion(version));
  }

  void send(String... events) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (String event : events) {
        Future<RecordMetadata> sent =
            producer.send(new ProducerRecord<>("events", event.getBytes(StandardCharsets.UTF_8)));
        sent.get();
      }
    }
  }

  /** Of the reporter. */
  int port() {
    return port;
  }

  String id() {
    return job.toString();
  }

  URI restAddress() throws Exception {
    return cluster.restAddress();
  }

  String scrape() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8)).body();
  }

  /** The first scrape that shows it. */
  String scrape(String what, Predicate<String> shown) throws IOException, InterruptedException {
    for (int i = 0; i < 10 * PATIENCE_SECONDS; i++) {
      String scrape = scrape();
      if (shown.test(scrape)) {
        return scrape;
      }
      Thread.sleep(100);
    }
    throw new AssertionError(
        "expected within " + PATIENCE_SECONDS + " s: " + what + ", got\n" + scrape());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    try (broker) {
      cluster.close(); // ends the job, too
    }
  }
}
