package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.EventFormat;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.RowEncoder;
import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream of a user's own type, scored in a job of the user's own. */
class DeepFmScoringTest {
  private static final int CLICKS = 500;

  private static final String FEATURES =
      """
      {"dense":[{"name":"age","transforms":["log1p"]},{"name":"dense_1","default":0.5}],
       "sparse":[{"name":"C1","source":"/sparse/ad"},{"name":"C2","source":"/sparse/seen"}]}
      """;

  private static final RowEncoder<Click> ENCODER =
      (click, row) -> row.dense("age", click.age).sparse("C1", click.ad).sparse("C2", click.seen);

  @TempDir Path folder;
  private String modelRoot;

  @BeforeEach
  void publishAModel() throws Exception {
    modelRoot = folder.resolve("root").toString();
    publish("v1", 1, FEATURES);
  }

  @AfterEach
  void leaveNothing() {
    assertThat(ModelStore.SHARED.size()).isZero();
    ModelStore.SHARED.clean();
  }

  private void publish(String version, long seed, String features) throws Exception {
    Path made = TestModel.write(folder.resolve("made"), version, seed);
    Files.writeString(made.resolve("features.json"), features);
    Files.createDirectories(Path.of(modelRoot));
    new ModelPublisher(new LocalModelStorage(Path.of(modelRoot)), ModelChecks.standard())
        .publish(made, PublishOptions.DEFAULT.withVersion(version));
  }

  private static StreamExecutionEnvironment environment(boolean objectReuse) {
    Configuration options = new Configuration();
    options.set(RestOptions.BIND_PORT, "0");
    options.set(PipelineOptions.OBJECT_REUSE, objectReuse);
    options.set(PipelineOptions.GENERIC_TYPES, false);
    options.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, options);
    env.enableCheckpointing(100);
    return env;
  }

  private static DataStream<Click> clicks(StreamExecutionEnvironment env) {
    return env.fromSequence(0, CLICKS - 1).map(Click::of).returns(Click.class);
  }

  /** Runs the job and brings what both streams carry. */
  private static <A, B> List<B> collect(
      StreamExecutionEnvironment env, DataStream<A> scores, List<A> into, DataStream<B> second)
      throws Exception {
    CloseableIterator<A> first = scores.collectAsync();
    CloseableIterator<B> other = second.collectAsync();
    env.executeAsync();
    List<B> rest = new ArrayList<>();
    try (first;
        other) {
      first.forEachRemaining(into::add);
      other.forEachRemaining(rest::add);
    }
    return rest;
  }

  @Test
  void theMostIdsOfAValueLeaveTheRestOfTheMappingAsItIs() {
    EventMapping avro =
        EventMapping.DEFAULT.withFormat(new EventFormat.Avro("schema", RegistrySettings.NONE));
    ScoringSettings settings =
        DeepFmScoring.of(modelRoot)
            .withMapping(avro)
            .withMaxIds(7)
            .settings(ModelLocation.inDirectory(modelRoot + "/v1"));
    assertThat(settings.mapping().maxIds()).isEqualTo(7);
    assertThat(settings.mapping().withMaxIds(avro.maxIds())).isEqualTo(avro);
  }

  @Test
  void theExampleOfTheReadmeGivesTheBitsOfJsonEvents() throws Exception {
    Map<Long, Integer> expected = new HashMap<>();
    StreamExecutionEnvironment json = environment(true);
    try (CloseableIterator<String> logits =
        DeepFmScoring.of(modelRoot)
            .scoreEvents(
                json.fromSequence(0, CLICKS - 1)
                    .map(number -> Click.of(number).json())
                    .returns(new ChainedTypeInfo<>(RawEvent.class)))
            .map(s -> s.event().source().offset() + " " + Float.floatToRawIntBits(s.logit()))
            .returns(Types.STRING)
            .executeAndCollect()) {
      logits.forEachRemaining(
          line ->
              expected.put(Long.valueOf(line.split(" ")[0]), Integer.valueOf(line.split(" ")[1])));
    }
    assertThat(expected).hasSize(CLICKS);

    StreamExecutionEnvironment env = environment(false);
    DataStream<Click> clicks = clicks(env);
    // readme
    SingleOutputStreamOperator<Scored<Click>> scores =
        DeepFmScoring.of(modelRoot)
            .withLinger(Duration.ofMillis(2))
            .score(
                clicks,
                (click, row) ->
                    row.dense("age", click.age).sparse("C1", click.ad).sparse("C2", click.seen));
    DataStream<Rejected<Click>> deadLetters = DeepFmScoring.deadLetters(scores);
    // end of readme
    List<Scored<Click>> scored = new ArrayList<>();
    assertThat(collect(env, scores, scored, deadLetters)).isEmpty();
    assertThat(scored)
        .extracting(s -> s.value().number)
        .containsExactlyElementsOf(LongStream.range(0, CLICKS).boxed().toList());
    for (Scored<Click> s : scored) {
      assertThat(Float.floatToRawIntBits(s.logit())).isEqualTo(expected.get(s.value().number));
      assertThat(s.modelVersion()).isEqualTo("v1");
      assertThat(s.shadowVersion()).isNull();
    }
  }

  @Test
  void theExampleOfTheJavadocRuns() throws Exception {
    StreamExecutionEnvironment env = environment(false);
    DataStream<Click> clicks = clicks(env);
    // example
    SingleOutputStreamOperator<Scored<Click>> scores =
        DeepFmScoring.of(modelRoot)
            .score(clicks, (click, row) -> row.dense("age", click.age).sparse("C1", click.ad));
    DataStream<Rejected<Click>> deadLetters = DeepFmScoring.deadLetters(scores);
    // end
    List<Scored<Click>> scored = new ArrayList<>();
    assertThat(collect(env, scores, scored, deadLetters)).isEmpty();
    assertThat(scored).hasSize(CLICKS);
    String javadoc = Files.readString(source("main", "DeepFmScoring"));
    assertThat(between(javadoc, "{@code\n", "}</pre>").replaceAll("(?m)^ \\*", ""))
        .isEqualToIgnoringWhitespace(own("// example\n", "// end\n"));
  }

  /** The lines of the README stand above as they are, but for the model root. */
  @Test
  void theExampleOfTheReadmeIsTheOneThatRunsHere() throws Exception {
    assertThat(between(Files.readString(Path.of("..", "README.md")), "```java\n", "```\n"))
        .isEqualToIgnoringWhitespace(
            own("// readme\n", "// end of readme\n").replace("modelRoot", "\"/models/ctr\""));
  }

  private static String own(String from, String to) throws Exception {
    return between(
        Files.readString(source("test", "DeepFmScoringTest")), "    " + from, "    " + to);
  }

  private static String between(String text, String from, String to) {
    int start = text.indexOf(from) + from.length();
    return text.substring(start, text.indexOf(to, start));
  }

  private static Path source(String tree, String type) {
    return Path.of("src", tree, "java/io/github/flinkdeepfm/operators", type + ".java");
  }

  @Test
  void everyValueBecomesAScoreOrADeadLetterWithItsReason() throws Exception {
    StreamExecutionEnvironment env = environment(false);
    SingleOutputStreamOperator<Scored<Click>> scores =
        DeepFmScoring.ofDirectory(modelRoot + "/v1")
            .withMaxIds(8)
            .withBatchRows(16)
            .score(
                clicks(env),
                (click, row) -> {
                  switch ((int) click.number) {
                    case 3 -> row.dense("age", Double.NaN);
                    case 5 -> row.sparse("C1", 17);
                    case 7 -> row.dense("age", click.age).sparse("C1", 10);
                    case 9 -> row.dense("age", click.age).sparse("C2", new long[9]);
                    case 11 -> row.dense("age", click.age).sparse("C1", "shoes");
                    case 13 -> row.reject(DeadLetterReason.BAD_EVENT_TIME, "mine");
                    case 15 -> row.dense("age", 1).dense("age", 2);
                    default -> ENCODER.encode(click, row);
                  }
                });
    List<Scored<Click>> scored = new ArrayList<>();
    List<Rejected<Click>> dead = collect(env, scores, scored, DeepFmScoring.deadLetters(scores));
    assertThat(scored).hasSize(CLICKS - 7);
    assertThat(dead)
        .extracting(d -> d.value().number + " " + d.reason() + " " + d.detail())
        .containsExactly(
            "3 NOT_FINITE expected a number that is finite as f32 after its transforms, got NaN"
                + " (/dense/age)",
            "5 ID_OUT_OF_RANGE expected an id from 0 to 9, got 17 (/sparse/ad)",
            "7 ID_OUT_OF_RANGE expected an id from 0 to 9, got 10 (/sparse/ad)",
            "9 TOO_MANY_IDS expected at most 8 ids in one event, got more (/sparse/seen)",
            "11 WRONG_TYPE expected an integer id, got \"shoes\" (/sparse/ad)",
            "13 BAD_EVENT_TIME mine",
            "15 DUPLICATE_FIELD expected one value, got another (/dense/age)");
  }

  /** Sends one and the same object again and again. */
  private static final class Reusing implements MapFunction<Long, Click> {
    private static final long serialVersionUID = 1L;
    private transient Click click;

    @Override
    public Click map(Long number) {
      if (click == null) {
        click = new Click();
      }
      click.set(number);
      return click;
    }
  }

  @Test
  void valuesThatTheirSenderReusesAreKeptApart() throws Exception {
    StreamExecutionEnvironment env = environment(true);
    SingleOutputStreamOperator<Scored<Click>> scores =
        DeepFmScoring.of(modelRoot)
            .score(env.fromSequence(0, 99).map(new Reusing()).returns(Click.class), ENCODER);
    List<Long> numbers = new ArrayList<>();
    scores.executeAndCollect().forEachRemaining(s -> numbers.add(s.value().number));
    assertThat(numbers).containsExactlyElementsOf(LongStream.range(0, 100).boxed().toList());
  }

  @Test
  void scoresKeepTheirTimestampsAndMayBeSentOverTheNetwork() throws Exception {
    StreamExecutionEnvironment env = environment(false);
    DataStream<Click> timed =
        clicks(env)
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Click>forMonotonousTimestamps()
                    .withTimestampAssigner((click, before) -> 7_000 + click.number));
    List<String> seen = new ArrayList<>();
    DeepFmScoring.of(modelRoot)
        .named("shop")
        .score(timed.rebalance(), ENCODER)
        .keyBy(s -> s.value().ad)
        .process(
            new ProcessFunction<Scored<Click>, String>() {
              private static final long serialVersionUID = 1L;

              @Override
              public void processElement(
                  Scored<Click> scored, Context context, Collector<String> out) {
                out.collect(scored.value().number + "@" + context.timestamp());
              }
            })
        .executeAndCollect()
        .forEachRemaining(seen::add);
    assertThat(seen)
        .containsExactlyInAnyOrderElementsOf(
            LongStream.range(0, CLICKS).mapToObj(i -> i + "@" + (7_000 + i)).toList());
  }

  @Test
  void aNewVersionIsTakenAtACheckpointAndEncodesByItsOwnRules() throws Exception {
    StreamExecutionEnvironment env = environment(false);
    DataStream<Click> endless =
        env.fromSource(
                new NumberSequenceSource(0, Long.MAX_VALUE - 1),
                WatermarkStrategy.noWatermarks(),
                "numbers")
            .map(
                number -> {
                  Thread.sleep(1);
                  return Click.of(number % 1000);
                })
            .returns(TypeInformation.of(Click.class));
    SingleOutputStreamOperator<Scored<Click>> scores =
        DeepFmScoring.of(modelRoot)
            .withPoll(Duration.ofMillis(20))
            .withCacheDir(folder.resolve("cache").toString())
            .withCanary(new RefreshSettings.Canary(4, 100, 1))
            .withShadow("v1")
            .score(endless, ENCODER);
    List<String> versions = new ArrayList<>();
    long[] next = {0};
    try (CloseableIterator<Scored<Click>> all = scores.executeAndCollect()) {
      while (versions.size() < 2) {
        Scored<Click> scored = all.next();
        assertThat(scored.value().number).isEqualTo(next[0]++ % 1000);
        assertThat(scored.shadowVersion()).isEqualTo("v1");
        if (versions.isEmpty()
            || !versions.get(versions.size() - 1).equals(scored.modelVersion())) {
          versions.add(scored.modelVersion());
        }
        if (next[0] == 50) {
          publish("v2", 2, FEATURES.replace("\"/sparse/ad\"", "\"/sparse/ad\",\"max_length\":1"));
        }
        if (scored.modelVersion().equals("v1")) {
          assertThat(scored.shadowLogit()).isEqualTo(scored.logit());
        }
      }
    }
    assertThat(versions).containsExactly("v1", "v2");
    Await.until("models given back", () -> ModelStore.SHARED.size() == 0);
  }

  @Test
  void whatCannotRunIsRefusedWhenItIsDefined() {
    StreamExecutionEnvironment unchained = environment(false).disableOperatorChaining();
    assertThatThrownBy(() -> DeepFmScoring.of(modelRoot).score(clicks(unchained), ENCODER))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("operator chaining");
    StreamExecutionEnvironment env = environment(false);
    env.getCheckpointConfig().disableCheckpointing();
    assertThatThrownBy(() -> DeepFmScoring.of(modelRoot).score(clicks(env), ENCODER))
        .hasMessageContaining("checkpointing: expected it on, or refresh.at: batch, got it off");
    assertThatThrownBy(() -> DeepFmScoring.of(folder + "/none").score(clicks(env), ENCODER))
        .isInstanceOf(InvalidModelException.class);
    assertThatThrownBy(() -> DeepFmScoring.ofDirectory(modelRoot + "/v1").withPin("v1"))
        .hasMessageContaining("expected a model root for a version to choose");
    assertThatThrownBy(() -> DeepFmScoring.of(modelRoot).withBatchRows(0))
        .hasMessage("expected at least 1, got 0 (batch rows)");
  }
}
