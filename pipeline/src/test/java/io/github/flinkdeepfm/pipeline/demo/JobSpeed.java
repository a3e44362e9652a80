package io.github.flinkdeepfm.pipeline.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.job.FlinkOptions;
import io.github.flinkdeepfm.pipeline.job.KafkaEvents;
import io.github.flinkdeepfm.pipeline.job.LocalCluster;
import io.github.flinkdeepfm.pipeline.job.ModelLocator;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import io.github.flinkdeepfm.pipeline.replay.Replay;
import io.github.flinkdeepfm.pipeline.replay.ReproductionSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The streaming job at parallelism 1, exactly-once, shape S, beside the same job that parses each
 * event with Jackson's {@code readTree} and sends its bytes on: events a second of both, in turns,
 * in one run, from and to a real broker in this process.
 *
 * <p>Then the scoring job has a shadow, and what it wrote is reproduced, both as a ratio to the
 * job.
 *
 * <p>A side's rate is taken between the first tenth and the last twentieth of the events, so that
 * neither start nor end counts. Run by {@code mvn -q -Pbench -DskipTests verify -pl pipeline -am}.
 */
public final class JobSpeed {
  private static final int EVENTS = 600_000;
  private static final int ROUNDS = 3;
  private static final long SEED = 7;

  private final EmbeddedKafka kafka;
  private final Path folder;
  private final Path model;
  private final Admin admin;

  private JobSpeed(EmbeddedKafka kafka, Path folder, Path model, Admin admin) {
    this.kafka = kafka;
    this.folder = folder;
    this.model = model;
    this.admin = admin;
  }

  public static void main(String[] args) throws Exception {
    try (DemoFolder folder = DemoFolder.create(false);
        EmbeddedKafka kafka = EmbeddedKafka.start(folder.path().resolve("kafka"));
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      PlantedTruth truth = new PlantedTruth(SEED);
      Path model =
          DemoModelDirectory.write(
              folder.path().resolve("model"),
              "000001",
              DemoModel.of(truth, SEED),
              DemoFeatures.toJson(truth));
      JobSpeed speed = new JobSpeed(kafka, folder.path(), model, admin);
      System.out.printf(Locale.ROOT, "%d events, mean %.0f bytes%n", EVENTS, speed.produce(truth));
      double[] ours = new double[ROUNDS];
      double[] theirs = new double[ROUNDS];
      for (int round = -1; round < ROUNDS; round++) {
        double a = speed.measure("scoring" + round, true);
        double b = speed.measure("readtree" + round, false);
        System.out.printf(
            Locale.ROOT,
            "%s scoring job %.0f events/s, readTree job %.0f events/s, ratio %.2f%n",
            round < 0 ? "warm-up" : "round " + (round + 1),
            a,
            b,
            a / b);
        if (round >= 0) {
          ours[round] = a;
          theirs[round] = b;
        }
      }
      double a = median(ours);
      double b = median(theirs);
      System.out.printf(
          Locale.ROOT,
          "median  scoring job %.0f events/s, readTree job %.0f events/s, ratio %.2f%n",
          a,
          b,
          a / b);
      speed.shadow(a);
      speed.replay("scoring" + (ROUNDS - 1), a);
    }
  }

  /** The same job with a shadow, in turns with one without. */
  private void shadow(double live) throws Exception {
    double[] rates = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      rates[round] = measure("shadow" + round, true);
    }
    System.out.printf(
        Locale.ROOT,
        "shadow  %.0f events/s with a second version, %.2f of the job without%n",
        median(rates),
        median(rates) / live);
  }

  /** What a scoring job of the rounds wrote, reproduced; start and end of the replay count. */
  private void replay(String name, double live) throws Exception {
    JobConfig config = config(name);
    ReproductionSummary summary =
        Replay.ofTopic(config, folder.resolve("findings.jsonl")).reproduce(true);
    if (!summary.passed()) {
      throw new IllegalStateException(String.join(System.lineSeparator(), summary.lines()));
    }
    double rate = summary.events() / summary.seconds();
    System.out.printf(
        Locale.ROOT,
        "replay  %d of %d scores bit for bit, %.0f events/s, %.2f of the live job%n",
        summary.identical(),
        summary.scores(),
        rate,
        rate / live);
  }

  private JobConfig config(String name) {
    return new JobConfigReader(Map.of()).parse("job.yaml", yaml(name, outputs(name)));
  }

  private static List<String> outputs(String name) {
    return List.of(name + "-scores", name + "-dead");
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Mean bytes of an event. */
  private double produce(PlantedTruth truth) {
    kafka.createTopic("events", 1, Map.of());
    ClickStream clicks = new ClickStream(truth, SEED);
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    properties.put("linger.ms", 20);
    long bytes = 0;
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < EVENTS; i++) {
        byte[] event = clicks.next(1_700_000_000_000L + i).value();
        bytes += event == null ? 0 : event.length;
        producer.send(new ProducerRecord<>("events", event));
      }
    }
    return (double) bytes / EVENTS;
  }

  /** Events a second of one job over the whole topic. */
  private double measure(String name, boolean scoring) throws Exception {
    List<String> outputs = outputs(name);
    outputs.forEach(topic -> kafka.createTopic(topic, 1, Map.of()));
    JobConfig config = config(name);
    Configuration options = FlinkOptions.of(config);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(options);
    env.setParallelism(1);
    if (scoring) {
      ScoringJob.define(
          env,
          config,
          ScoringJob.settings(config, ModelLocator.locate(config.model(), Optional.empty())));
    } else {
      defineReadTree(env, config);
    }
    try (LocalCluster cluster = LocalCluster.start(options, 1)) {
      JobID job = cluster.submit(env.getStreamGraph());
      await(outputs, EVENTS / 10);
      long from = written(outputs);
      long start = System.nanoTime();
      await(outputs, EVENTS - EVENTS / 20);
      double rate = (written(outputs) - from) * 1e9 / (System.nanoTime() - start);
      await(outputs, EVENTS);
      if (scoring) {
        cluster.stop(job, folder.resolve("savepoints")); // commits what a replay reads
      } else {
        cluster.cancel(job);
      }
      return rate;
    }
  }

  private String yaml(String name, List<String> outputs) {
    return """
        job: %s
        kafka: {bootstrap.servers: "%s"}
        events: {topic: events, group: %s, start: earliest}
        scores: {topic: %s, delivery: exactly_once}
        dead_letters: {topic: %s}
        model: {root: "%s", pin: "000001"}%s
        flink:
          parallelism: 1
          checkpoint_interval: 1s
          execution.checkpointing.dir: "%s"
        """
        .formatted(
            name,
            kafka.bootstrapServers(),
            name,
            outputs.get(0),
            outputs.get(1),
            model.getParent(),
            name.startsWith("shadow") ? "\nshadow: {model_version: \"000001\"}" : "",
            folder.resolve("checkpoints").toUri());
  }

  private static void defineReadTree(StreamExecutionEnvironment env, JobConfig config) {
    KafkaSink<RawEvent> sink =
        KafkaSink.<RawEvent>builder()
            .setKafkaProducerConfig(config.kafka().toProperties())
            .setProperty("transaction.timeout.ms", "900000")
            .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
            .setTransactionalIdPrefix(config.job())
            .setRecordSerializer(new SameBytes(config.scores().topic()))
            .build();
    env.fromSource(
            KafkaEvents.source(config),
            WatermarkStrategy.noWatermarks(),
            "events",
            KafkaEvents.TYPE)
        .map(new ReadTree())
        .returns(KafkaEvents.TYPE)
        .sinkTo(sink);
  }

  private static final class ReadTree implements MapFunction<RawEvent, RawEvent> {
    private static final long serialVersionUID = 1L;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public RawEvent map(RawEvent event) {
      if (event.value() != null) {
        try {
          if (JSON.readTree(event.value()) == null) {
            throw new IOException("no content");
          }
        } catch (IOException malformed) {
          return event; // the stream's few malformed events go through as they are
        }
      }
      return event;
    }
  }

  private static final class SameBytes implements KafkaRecordSerializationSchema<RawEvent> {
    private static final long serialVersionUID = 1L;

    private final String topic;

    SameBytes(String topic) {
      this.topic = topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        RawEvent event, KafkaSinkContext context, Long timestamp) {
      return new ProducerRecord<>(topic, null, event.timestamp(), event.key(), event.value());
    }
  }

  private void await(List<String> outputs, long count) throws Exception {
    while (written(outputs) < count) {
      Thread.sleep(20);
    }
  }

  /** Records in the output topics, committed or not; a transaction marker a checkpoint is noise. */
  private long written(List<String> outputs) throws Exception {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    outputs.forEach(topic -> ends.put(new TopicPartition(topic, 0), OffsetSpec.latest()));
    return admin.listOffsets(ends).all().get().values().stream().mapToLong(o -> o.offset()).sum();
  }
}
