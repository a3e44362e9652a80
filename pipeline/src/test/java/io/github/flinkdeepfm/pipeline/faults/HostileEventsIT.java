package io.github.flinkdeepfm.pipeline.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import io.github.flinkdeepfm.model.features.EventSchemas;
import io.github.flinkdeepfm.model.features.FuzzedEvents;
import io.github.flinkdeepfm.model.features.protobuf.ProtobufSchema;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.pipeline.DefaultLayout;
import io.github.flinkdeepfm.pipeline.FlinkRest;
import io.github.flinkdeepfm.pipeline.Main;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.cli.CommandOutcome;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.job.FlinkOptions;
import io.github.flinkdeepfm.pipeline.job.HostileEvents;
import io.github.flinkdeepfm.pipeline.job.KafkaTopics;
import io.github.flinkdeepfm.pipeline.job.LocalCluster;
import io.github.flinkdeepfm.pipeline.job.ModelLocator;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every bad event that the tests know through what {@code mvn package} has built: {@code score} of
 * the jar for one machine, and the job's jar on a cluster of processes. What comes out is, bit for
 * bit, what the class path of the tests makes of the same events. And a jar that lacks a class.
 */
@Timeout(600)
class HostileEventsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FUZZED = 250;
  private static final long SEED = 16;
  private static final Duration PATIENCE = Duration.ofSeconds(180);
  private static final Pattern SUBMITTED = Pattern.compile("JobID ([0-9a-f]{32})");

  /** What Jackson needs of a number with 17 digits, and of no other event here. */
  private static final String LAZY_CLASS = "FastDoubleSwar.class";

  private static final String OTHER_CLASS = Main.class.getName().replace('.', '/') + ".class";

  @TempDir Path folder;

  private final List<Corpus> corpora = new ArrayList<>();
  private KafkaTopics topics;

  /**
   * Events of one topic.
   *
   * @param options of job.yaml
   */
  private record Corpus(
      String name, Path model, String options, List<ProducerRecord<byte[], byte[]>> records) {}

  @Test
  void theJarsMakeOfBadEventsWhatTheTestsMakeOfThem() throws Exception {
    makeCorpora();
    for (Corpus corpus : corpora.subList(0, 2)) {
      compare("score " + corpus.name(), scoredHere(corpus), scoredByJar(corpus));
    }
    try (ClusterProcesses cluster = new ClusterProcesses("hostile", corpora.size())) {
      cluster.start(1, List.of());
      topics = new KafkaTopics(cluster.bootstrapServers());
      createTopics(cluster.bootstrapServers());
      for (Corpus corpus : corpora) {
        var unused = topics.send(corpus.records());
      }
      List<String> jobs = new ArrayList<>();
      for (Corpus corpus : corpora) {
        jobs.add(submit(cluster, ClusterProcesses.JOB_JAR, config(cluster, corpus, "jar", "none")));
      }
      runHere(cluster);
      for (int i = 0; i < jobs.size(); i++) {
        awaitAll(cluster.rest(), jobs.get(i), corpora.get(i));
      }
      for (Corpus corpus : corpora) {
        compare("run " + corpus.name(), outcomes(corpus, "here"), outcomes(corpus, "jar"));
      }
      for (String job : jobs) {
        cluster.rest().cancel(job);
      }
      aJarThatLacksAClassFailsTheJobOnce(cluster);
    }
  }

  private void makeCorpora() throws Exception {
    Path fuzzed = FuzzedEvents.writeModel(folder.resolve("fuzzed-model"));
    List<byte[]> events = FuzzedEvents.make(fuzzed, SEED, FUZZED);
    Schema avro = new Schema.Parser().parse(EventSchemas.avro());
    Descriptor protobuf = ProtobufSchema.message(EventSchemas.descriptors(), EventSchemas.MESSAGE);
    corpora.add(
        new Corpus(
            "json",
            TinyModel.writeWeighted(folder.resolve("tiny-model")),
            "output: {copy: [/user]}",
            HostileEvents.json("json").stream().map(HostileEvents.Case::record).toList()));
    add("fuzzed", fuzzed, "", events);
    add(
        "avro",
        fuzzed,
        "event: {format: avro}",
        HostileEvents.inFormat(event -> DefaultLayout.avro(event, avro), events, SEED));
    add(
        "protobuf",
        fuzzed,
        "event: {format: protobuf}",
        HostileEvents.inFormat(event -> DefaultLayout.protobuf(event, protobuf), events, SEED));
  }

  private void add(String name, Path model, String options, List<byte[]> events) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    events.forEach(event -> records.add(new ProducerRecord<>(name, event)));
    corpora.add(new Corpus(name, model, options, records));
  }

  // score

  private Map<String, JsonNode> scoredHere(Corpus corpus) throws Exception {
    CommandOutcome outcome = CommandOutcome.of(score(corpus, "here"));
    assertThat(outcome.code()).as(outcome.text()).isZero();
    return lines(corpus, "here");
  }

  private Map<String, JsonNode> scoredByJar(Corpus corpus) throws Exception {
    List<String> command = new ArrayList<>(List.of("-jar", jar()));
    command.addAll(List.of(score(corpus, "jar")));
    Path log = folder.resolve(corpus.name() + ".log");
    assertThat(java(log, command)).as(() -> read(log)).isZero();
    return lines(corpus, "jar");
  }

  private static String jar() {
    return System.getProperty("flinkdeepfm.test.jar");
  }

  private static int java(Path log, List<String> arguments) throws Exception {
    try (ServerJvm jvm = ServerJvm.start("java", log, Map.of(), arguments)) {
      return jvm.await();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private String[] score(Corpus corpus, String side) throws Exception {
    Path input = folder.resolve(corpus.name() + ".jsonl");
    if (!Files.exists(input)) {
      try (OutputStream out = Files.newOutputStream(input)) {
        for (ProducerRecord<byte[], byte[]> record : corpus.records()) {
          if (record.value() != null) {
            out.write(record.value());
            out.write('\n');
          }
        }
      }
    }
    return new String[] {
      "score", "--model=" + corpus.model(), "--input=" + input, "--output=" + output(corpus, side),
    };
  }

  private Path output(Corpus corpus, String side) {
    return folder.resolve(corpus.name() + "-" + side + ".jsonl");
  }

  private Map<String, JsonNode> lines(Corpus corpus, String side) throws Exception {
    Map<String, JsonNode> outcomes = new TreeMap<>();
    for (String suffix : List.of("", ".dead")) {
      Path file = output(corpus, side).resolveSibling(output(corpus, side).getFileName() + suffix);
      for (String line : Files.readAllLines(file)) {
        put(outcomes, line.getBytes(UTF_8));
      }
    }
    return outcomes;
  }

  // run

  private void createTopics(String servers) throws Exception {
    Map<String, String> large = Map.of("max.message.bytes", "" + (32 << 20));
    List<NewTopic> wanted = new ArrayList<>();
    for (Corpus corpus : corpora) {
      wanted.add(new NewTopic(corpus.name(), 1, (short) 1).configs(large));
      for (String side : List.of("here", "jar", "broken")) {
        for (String topic : topicsOf(corpus, side)) {
          wanted.add(new NewTopic(topic, 1, (short) 1));
        }
      }
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      admin.createTopics(wanted).all().get();
    }
  }

  private static List<String> topicsOf(Corpus corpus, String side) {
    return List.of(corpus.name() + "-scores-" + side, corpus.name() + "-dead-" + side);
  }

  private Path config(ClusterProcesses cluster, Corpus corpus, String side, String restarts)
      throws Exception {
    return Files.writeString(
        folder.resolve(corpus.name() + "-" + side + ".yaml"),
        """
        job: %1$s-%2$s
        kafka: {bootstrap.servers: "%3$s"}
        events: {topic: %1$s, group: %1$s-%2$s, start: earliest}
        %4$s
        scores: {topic: %1$s-scores-%2$s, transaction_timeout: 1min}
        dead_letters: {topic: %1$s-dead-%2$s}
        model: {directory: "%5$s"}
        flink: {checkpoint_interval: 300ms, restart-strategy.type: %6$s}
        """
            .formatted(
                corpus.name(),
                side,
                cluster.bootstrapServers(),
                corpus.options(),
                corpus.model(),
                restarts));
  }

  private static String submit(ClusterProcesses cluster, Path jar, Path config) throws Exception {
    String output = cluster.submit(jar, List.of("--config", config.toString()));
    Matcher id = SUBMITTED.matcher(output);
    assertThat(id.find()).as(output).isTrue();
    return id.group(1);
  }

  private void awaitAll(FlinkRest rest, String job, Corpus corpus) throws Exception {
    String[] names = topicsOf(corpus, "jar").toArray(String[]::new);
    Await.until(
        corpus.records().size() + " outcomes of " + corpus.name(),
        PATIENCE,
        () -> {
          requireRunning(rest, job);
          return topics.count(names) >= corpus.records().size();
        });
  }

  private static void requireRunning(FlinkRest rest, String job) throws Exception {
    String state = rest.get("/jobs/" + job).path("state").asText();
    if (state.equals("FAILED")) {
      throw new IllegalStateException(failure(rest, job));
    }
  }

  private static String failure(FlinkRest rest, String job) throws Exception {
    return rest.get("/jobs/" + job + "/exceptions")
        .at("/exceptionHistory/entries/0/stacktrace")
        .asText();
  }

  /** The same jobs in this process, of the class path of the tests. */
  private void runHere(ClusterProcesses processes) throws Exception {
    try (LocalCluster cluster = LocalCluster.start(new Configuration(), corpora.size())) {
      List<JobID> jobs = new ArrayList<>();
      for (Corpus corpus : corpora) {
        JobConfig config =
            new JobConfigReader(Map.of()).read(config(processes, corpus, "here", "none"));
        Configuration options = FlinkOptions.of(config);
        StreamExecutionEnvironment env =
            StreamExecutionEnvironment.createLocalEnvironment(1, options);
        ModelLocation model = ModelLocator.locate(config.model(), Optional.empty());
        ScoringJob.define(env, config, ScoringJob.settings(config.scoring(), model));
        jobs.add(cluster.submit(env.getStreamGraph()));
      }
      for (int i = 0; i < jobs.size(); i++) {
        Corpus corpus = corpora.get(i);
        String[] names = topicsOf(corpus, "here").toArray(String[]::new);
        while (topics.count(names) < corpus.records().size()) {
          cluster.awaitRunning(jobs.get(i)); // throws if it has failed
          Thread.sleep(1000);
        }
        cluster.cancel(jobs.get(i));
      }
    }
  }

  private Map<String, JsonNode> outcomes(Corpus corpus, String side) throws Exception {
    Map<String, JsonNode> outcomes = new TreeMap<>();
    for (String topic : topicsOf(corpus, side)) {
      for (ConsumerRecord<byte[], byte[]> record : topics.read(topic)) {
        put(outcomes, record.value());
      }
    }
    return outcomes;
  }

  // A broken installation

  private void aJarThatLacksAClassFailsTheJobOnce(ClusterProcesses cluster) throws Exception {
    Corpus corpus = corpora.get(1);
    Path broken = without(ClusterProcesses.JOB_JAR, folder.resolve("broken.jar"));
    String job = submit(cluster, broken, config(cluster, corpus, "broken", "exponential-delay"));
    FlinkRest rest = cluster.rest();
    Await.until(
        "a job that has failed for good",
        PATIENCE,
        () -> rest.get("/jobs/" + job).path("state").asText().equals("FAILED"));
    assertThat(failure(rest, job))
        .containsPattern("event of fuzzed, partition 0, offset \\d+: expected an installation that")
        .contains("NoClassDefFoundError", "FastDoubleSwar", "put back the jars");
    assertThat(rest.get("/jobs/" + job + "/exceptions").at("/exceptionHistory/entries")).hasSize(1);
  }

  /** A copy of a jar without a class that few events need. */
  private static Path without(Path jar, Path copy) throws Exception {
    int left = 0;
    try (JarFile from = new JarFile(jar.toFile());
        JarOutputStream to = new JarOutputStream(Files.newOutputStream(copy), from.getManifest())) {
      Enumeration<JarEntry> entries = from.entries();
      while (entries.hasMoreElements()) {
        JarEntry entry = entries.nextElement();
        if (entry.getName().endsWith("/" + LAZY_CLASS)) {
          left++;
        } else if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
          to.putNextEntry(new JarEntry(entry.getName()));
          try (InputStream in = from.getInputStream(entry)) {
            in.transferTo(to);
          }
        }
      }
    }
    assertThat(left).isPositive();
    return copy;
  }

  @Test
  void scoreNamesTheEventAndWhatIsMissingOnOneScreen() throws Exception {
    // In front of the jar: a class that has another name than its file.
    Path front = folder.resolve("front");
    try (JarFile jar = new JarFile(jar())) {
      JarEntry entry =
          jar.stream()
              .filter(e -> e.getName().startsWith("com/") && e.getName().endsWith("/" + LAZY_CLASS))
              .findFirst()
              .orElseThrow();
      Path file = front.resolve(entry.getName());
      Files.createDirectories(file.getParent());
      try (InputStream other = jar.getInputStream(jar.getEntry(OTHER_CLASS))) {
        Files.copy(other, file);
      }
    }
    Path model = TinyModel.write(folder.resolve("v1"));
    Path input =
        Files.writeString(
            folder.resolve("events.jsonl"),
            """
            {"metrics":{"x1":0.5},"ids":{"c0":[3]}}
            {"metrics":{"x1":0.30000000000000004},"ids":{"c0":[3]}}
            """);
    Path log = folder.resolve("log");
    List<String> command = new ArrayList<>(List.of("-cp", front + File.pathSeparator + jar()));
    Stream.of("java.util", "java.lang", "java.time")
        .forEach(name -> command.add(0, "--add-opens=java.base/" + name + "=ALL-UNNAMED"));
    command.addAll(
        List.of(
            Main.class.getName(),
            "score",
            "--model=" + model,
            "--input=" + input,
            "--output=" + folder.resolve("scores.jsonl")));
    assertThat(java(log, command)).as(() -> read(log)).isEqualTo(1);
    assertThat(read(log).lines().reduce((before, last) -> last).orElse(""))
        .startsWith("event of events.jsonl, partition 0, offset 1: expected an installation that")
        .contains("NoClassDefFoundError", "FastDoubleSwar", "wrong name", "put back the jars");
    assertThat(folder.resolve("scores.jsonl")).doesNotExist();
  }

  // Both

  /** By offset, without what no two runs share. */
  private static void put(Map<String, JsonNode> outcomes, byte[] json) throws Exception {
    ObjectNode outcome = (ObjectNode) JSON.readTree(json);
    outcome.remove("scored_at");
    assertThat(outcomes.put(outcome.at("/source/offset").toString(), outcome)).isNull();
  }

  private static void compare(
      String what, Map<String, JsonNode> expected, Map<String, JsonNode> got) {
    Map<String, Integer> here = counts(expected);
    Map<String, Integer> jar = counts(got);
    TreeSet<String> reasons = new TreeSet<>(here.keySet());
    reasons.addAll(jar.keySet());
    StringBuilder line = new StringBuilder(what).append(':');
    for (String reason : reasons) {
      line.append(
          " %s %d = %d,"
              .formatted(reason, jar.getOrDefault(reason, 0), here.getOrDefault(reason, 0)));
    }
    System.out.println(line);
    assertThat(here.getOrDefault("SCORE", 0)).as(what).isPositive();
    assertThat(got.keySet()).as(what).isEqualTo(expected.keySet());
    for (Map.Entry<String, JsonNode> outcome : expected.entrySet()) {
      assertThat(got.get(outcome.getKey()))
          .as("%s at offset %s", what, outcome.getKey())
          .isEqualTo(outcome.getValue());
    }
  }

  private static Map<String, Integer> counts(Map<String, JsonNode> outcomes) {
    Map<String, Integer> counts = new TreeMap<>();
    outcomes.values().forEach(o -> counts.merge(o.path("reason").asText("SCORE"), 1, Integer::sum));
    return counts;
  }
}
