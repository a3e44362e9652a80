package io.github.flinkdeepfm.pipeline.config;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.Problems;
import io.github.flinkdeepfm.model.device.DeviceMode;
import io.github.flinkdeepfm.model.features.EventFormat;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Batch;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Events;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Flink;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Isolation;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Model;
import io.github.flinkdeepfm.pipeline.config.JobConfig.OnLost;
import io.github.flinkdeepfm.pipeline.config.JobConfig.OnMissing;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Refresh;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Scores;
import io.github.flinkdeepfm.pipeline.config.JobConfig.ScoringConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Start;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Timestamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * Reads {@code job.yaml}. The smallest complete one:
 *
 * <pre>{@code
 * job: ctr
 * kafka: {bootstrap.servers: "localhost:9092"}
 * events: {topic: events, group: ctr}
 * scores: {topic: scores}
 * dead_letters: {topic: events-dead}
 * model: {root: /models/ctr}
 * }</pre>
 */
public final class JobConfigReader {
  /** Names uids, transactional ids and metrics, so it is kept to what all of them take. */
  private static final String JOB_NAME = "[A-Za-z0-9][A-Za-z0-9_.-]{0,99}";

  private static final String TOPIC_NAME = "[A-Za-z0-9._-]{1,249}";

  private final Secrets secrets = new Secrets();
  private final Environment environment;

  /**
   * @param environment the variables that {@code ${NAME}} refers to
   */
  public JobConfigReader(Map<String, String> environment) {
    this.environment = new Environment(environment, secrets);
  }

  /**
   * A text of any origin without the secrets of what was read so far, and without what came from
   * the environment.
   */
  public String hide(String text) {
    return secrets.hide(text);
  }

  /**
   * Reads and checks a whole file.
   *
   * @throws InvalidConfigurationException listing every mistake
   */
  public JobConfig read(Path file) {
    return parse(file.toString(), load(file));
  }

  /**
   * Reads only what the {@code score} command needs of a file ({@code event}, {@code output} and
   * {@code batch}), so that broker, passwords and model need not be there.
   *
   * @throws InvalidConfigurationException listing every mistake in those sections
   */
  public ScoringConfig readScoring(Path file) {
    Problems problems = new Problems(file.toString());
    Map<String, Object> tree = YamlTree.parse(file.toString(), load(file));
    ScoringConfig scoring = scoring(new Section("", tree, environment, problems));
    throwIfAny(file.toString(), problems);
    return scoring;
  }

  /**
   * Like {@link #readScoring}, for events that are lines of a file, which are JSON.
   *
   * @throws InvalidConfigurationException also if events are in another format
   */
  public ScoringConfig readScoringOfLines(Path file) {
    ScoringConfig scoring = readScoring(file);
    EventMapping event = scoring.event();
    if (!(event.format() instanceof EventFormat.Json json)) {
      throw new InvalidConfigurationException(
          file.toString(),
          List.of(
              "event.format: expected json, because the events are a file of lines, got "
                  + event.format()));
    }
    // Whoever wrote the lines may have left the frames out.
    EventFormat lines = new EventFormat.Json(json.framing(), true);
    return scoring.with(event.withFormat(lines));
  }

  /** Like {@link #read}, of a text; {@code document} names it in errors. */
  public JobConfig parse(String document, String yaml) {
    Problems problems = new Problems(document);
    Section root = new Section("", YamlTree.parse(document, yaml), environment, problems);

    String job = root.required("job");
    if (!job.isEmpty() && !job.matches(JOB_NAME)) {
      root.problem("job", "expected letters, digits, '_', '.' and '-', at most 100, got " + job);
    }
    Options kafka = kafka(root.section("kafka"));
    Events events = events(root.section("events"));
    ScoringConfig scoring = scoring(root);
    Scores scores = scores(root.section("scores"));
    Section deadLetters = root.section("dead_letters");
    String deadLetterTopic = topic(deadLetters);
    deadLetters.refuseUnknownKeys();
    Model model = model(root.section("model"));
    Flink flink = flink(root.section("flink"));
    Optional<String> shadow = shadow(root.section("shadow"), model);
    root.refuseUnknownKeys();
    secrets.addOptions(kafka.values());
    secrets.addOptions(flink.options().values());

    JobConfig config =
        new JobConfig(job, kafka, events, scoring, scores, deadLetterTopic, model, flink, shadow);
    JobConfigRules.check(config, problems);
    throwIfAny(document, problems);
    return config;
  }

  private void throwIfAny(String document, Problems problems) {
    if (!problems.isEmpty()) {
      throw new InvalidConfigurationException(
          document, problems.list().stream().map(secrets::hide).toList());
    }
  }

  private static Options kafka(Section section) {
    Options options = new Options(section.options());
    if (options.values().getOrDefault("bootstrap.servers", "").isBlank()) {
      section.problem("bootstrap.servers", "is required");
    }
    return options;
  }

  private static Events events(Section section) {
    String topic = topic(section);
    String group = section.required("group");
    Start start = section.text("start").map(text -> start(section, text)).orElse(Start.COMMITTED);
    OnLost onLost = section.oneOf("on_lost", OnLost.CONTINUE, List.of(OnLost.values()));
    Isolation isolation =
        section.oneOf("isolation", Isolation.READ_COMMITTED, List.of(Isolation.values()));
    section.refuseUnknownKeys();
    return new Events(topic, group, start, onLost, isolation);
  }

  private static Start start(Section section, String text) {
    return switch (text) {
      case "committed" -> Start.COMMITTED;
      case "earliest" -> new Start(Start.At.EARLIEST, 0);
      case "latest" -> new Start(Start.At.LATEST, 0);
      default -> new Start(Start.At.TIMESTAMP, timestampStart(section, text));
    };
  }

  private static long timestampStart(Section section, String text) {
    Optional<Long> timestamp =
        text.startsWith("timestamp:")
            ? timestamp(text.substring("timestamp:".length()).strip())
            : Optional.empty();
    if (timestamp.isEmpty()) {
      section.problem(
          "start",
          "expected committed, earliest, latest, or timestamp: with epoch milliseconds or an"
              + " ISO 8601 time with its offset, got "
              + text);
    }
    return timestamp.orElse(0L);
  }

  private static Optional<Long> timestamp(String text) {
    if (text.matches("\\d{1,18}")) {
      return Optional.of(Long.parseLong(text));
    }
    try {
      Instant instant = OffsetDateTime.parse(text).toInstant();
      return Optional.of(instant.toEpochMilli()).filter(millis -> millis >= 0);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private ScoringConfig scoring(Section root) {
    Section event = root.section("event");
    Section output = root.section("output");
    EventMapping defaults = EventMapping.DEFAULT;
    EventMapping mapping =
        new EventMapping(
            event.pointer("id", defaults.id()),
            event.pointer("time", defaults.time()),
            event.oneOf(
                "time_format", defaults.timeFormat(), List.of(EventMapping.TimeFormat.values())),
            event.pointer("label", defaults.label()),
            output.pointers("copy"),
            event.size("max_bytes", defaults.maxBytes()),
            event.positive("max_ids", defaults.maxIds()),
            new FormatSection(event, secrets).read());
    ScoringConfig standard = ScoringConfig.DEFAULT;
    int outputLimit = output.size("max_bytes", standard.outputLimit());
    int payloadLimit = output.size("payload_limit", standard.payloadLimit());
    event.refuseUnknownKeys();
    output.refuseUnknownKeys();
    return new ScoringConfig(mapping, batch(root.section("batch")), outputLimit, payloadLimit);
  }

  private static Batch batch(Section section) {
    Batch defaults = Batch.DEFAULT;
    Batch batch =
        new Batch(
            section.integer("rows", defaults.rows(), 1, 1 << 16),
            section.duration("linger", defaults.linger()),
            section.positive("ids", defaults.ids()));
    section.refuseUnknownKeys();
    return batch;
  }

  private static Scores scores(Section section) {
    Scores scores =
        new Scores(
            topic(section),
            section.oneOf(
                "delivery",
                DeliveryGuarantee.EXACTLY_ONCE,
                List.of(DeliveryGuarantee.EXACTLY_ONCE, DeliveryGuarantee.AT_LEAST_ONCE)),
            section.duration("transaction_timeout", Scores.DEFAULT_TRANSACTION_TIMEOUT),
            section.oneOf("timestamp", Timestamp.EVENT, List.of(Timestamp.values())));
    section.refuseUnknownKeys();
    return scores;
  }

  private static Model model(Section section) {
    Model model =
        new Model(
            section.text("root"),
            section.text("directory"),
            section.text("pin"),
            refresh(section),
            section.oneOf("device", DeviceMode.AUTO, List.of(DeviceMode.values())),
            section.texts("allow_absent", "a feature's name"));
    if (model.root().isPresent() == model.directory().isPresent()) {
      section.problem("root", "expected exactly one of model.root and model.directory");
    }
    if (model.directory().isPresent() && model.pin().isPresent()) {
      section.problem("pin", "names a version of model.root, but there is model.directory");
    }
    section.refuseUnknownKeys();
    return model;
  }

  private static Optional<String> shadow(Section section, Model model) {
    Optional<String> version = section.text("model_version");
    if (version.isPresent() && model.root().isEmpty()) {
      section.problem("model_version", "names a version of model.root, but there is none");
    }
    section.refuseUnknownKeys();
    return version;
  }

  private static Refresh refresh(Section model) {
    Refresh defaults = Refresh.DEFAULT;
    Section refresh = model.section("refresh");
    Section cache = model.section("cache");
    Section memory = model.section("memory");
    Section canary = model.section("canary");
    boolean hasCanary = model.has("canary");
    Refresh settings =
        new Refresh(
            model.duration("poll", defaults.poll()),
            model.duration("prepare_timeout", defaults.prepareTimeout()),
            model.duration("storage_timeout", defaults.storageTimeout()),
            refresh.oneOf("at", defaults.at(), List.of(RefreshSettings.At.values())),
            model.oneOf("on_missing", defaults.onMissing(), List.of(OnMissing.values())),
            cache.text("dir"),
            cache.longSize("bytes", defaults.cacheBytes()),
            memory.longSize("bytes", defaults.memoryBytes()),
            hasCanary ? Optional.of(canary(canary)) : Optional.empty());
    if (settings.poll().isZero()) {
      model.problem("poll", "expected at least 1ms, got 0ms");
    }
    if (settings.storageTimeout().isZero()) {
      model.problem("storage_timeout", "expected at least 1ms, got 0ms");
    }
    if (settings.storageTimeout().compareTo(settings.prepareTimeout()) >= 0) {
      // Else a storage that hangs would count as a version that is late, which is never retried.
      model.problem(
          "storage_timeout",
          "expected less than prepare_timeout ("
              + settings.prepareTimeout().toMillis()
              + "ms), got "
              + settings.storageTimeout().toMillis()
              + "ms");
    }
    refresh.refuseUnknownKeys();
    cache.refuseUnknownKeys();
    memory.refuseUnknownKeys();
    canary.refuseUnknownKeys();
    return settings;
  }

  private static RefreshSettings.Canary canary(Section section) {
    return new RefreshSettings.Canary(
        section.integer("batches", 16, 1, 1 << 16),
        section.decimal("max_psi", 0.25),
        section.decimal("max_mean_shift", 0.1),
        section.integer("min_events", RefreshSettings.Canary.DEFAULT_MIN_EVENTS, 1, 1 << 20),
        section
            .duration("max_wait", Duration.ofMillis(RefreshSettings.Canary.DEFAULT_MAX_WAIT_MILLIS))
            .toMillis());
  }

  private static Flink flink(Section section) {
    int parallelism = section.integer("parallelism", 1, 1, Flink.MAX_PARALLELISM);
    Optional<Duration> interval =
        section.text("checkpoint_interval").filter("off"::equals).isPresent()
            ? Optional.empty()
            : Optional.of(
                section.duration("checkpoint_interval", Flink.DEFAULT_CHECKPOINT_INTERVAL));
    return new Flink(parallelism, interval, new Options(section.options()));
  }

  private static String topic(Section section) {
    String topic = section.required("topic");
    if (!topic.isEmpty() && !topic.matches(TOPIC_NAME)) {
      section.problem("topic", "expected a Kafka topic name (" + TOPIC_NAME + "), got " + topic);
    }
    return topic;
  }

  private static String load(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new InvalidConfigurationException(file.toString(), List.of("no such file"));
    } catch (IOException e) {
      throw new InvalidConfigurationException(
          file.toString(), List.of("cannot be read as UTF-8 text: " + e));
    }
  }
}
