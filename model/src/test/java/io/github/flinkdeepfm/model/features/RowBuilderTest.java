package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.Encoding.OnOutOfRange;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java values against their JSON: the same columns, bit for bit, and the same reasons. */
class RowBuilderTest {
  private static final int EVENTS = 20_000;
  private static final int MAX_IDS = 14;
  private static final String[] WORDS = {"red", "grün", "😀", "ff", "FFFFFFFFFFFFFFFF", "g1", ""};

  private static ModelConfig model(boolean weighted) {
    return new ModelConfig(
        ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
        3,
        4,
        4,
        weighted,
        List.of(
            new EmbeddingBagConfig("t", 50, 4, List.of("id", "drop", "modulo")),
            new EmbeddingBagConfig("u", 40, 4, List.of("hash", "hex", "words", "bucket"))));
  }

  private static SparseFeature sparse(String name, Encoding encoding, int maxLength) {
    return new SparseFeature(name, "/sparse/" + name, "/weights/" + name, encoding, maxLength);
  }

  private static final FeaturesConfig FEATURES =
      new FeaturesConfig(
          List.of(
              new DenseFeature(
                  "x", "/dense/x", List.of(new Transform.Log1p()), OptionalDouble.of(3)),
              new DenseFeature("y", "/dense/y", List.of(), OptionalDouble.empty()),
              new DenseFeature("z", "/dense/z", List.of(), OptionalDouble.of(-0.0))),
          List.of(
              sparse("id", new Encoding.Id(OnOutOfRange.REJECT), SparseFeature.UNLIMITED),
              sparse("drop", new Encoding.Id(OnOutOfRange.DROP), 3),
              sparse("modulo", new Encoding.Id(OnOutOfRange.MODULO), 2),
              sparse("hash", new Encoding.Hash(7, 30, 5), 4),
              sparse("hex", new Encoding.Hex(), SparseFeature.UNLIMITED),
              sparse("words", new Encoding.Vocabulary(List.of("red", "grün", "😀")), 2),
              sparse("bucket", new Encoding.Bucketize(List.of(-1.0, 0.0, 2.5)), 3)));

  /** Calls of the writer, and the JSON that says the same. */
  private static final class Event {
    final List<RowEncoder<Void>> calls = new ArrayList<>();
    final List<String> dense = new ArrayList<>();
    final List<String> sparse = new ArrayList<>();
    final List<String> weights = new ArrayList<>();

    String json() {
      return "{\"dense\":{%s},\"sparse\":{%s},\"weights\":{%s}}"
          .formatted(String.join(",", dense), String.join(",", sparse), String.join(",", weights));
    }
  }

  private static Event event(Random random, boolean byName) {
    Event event = new Event();
    for (int column = 0; column < 3; column++) {
      if (random.nextInt(40) > 0) {
        double value = random.nextInt(60) == 0 ? 1e39 : random.nextInt(9) - 4.25;
        String name = FEATURES.dense().get(column).name();
        int index = column;
        event.calls.add(
            (v, row) -> {
              if (byName) {
                row.dense(name, value);
              } else {
                row.dense(index, value);
              }
            });
        event.dense.add("\"%s\":%s".formatted(name, value));
      }
    }
    for (int key = 0; key < FEATURES.sparse().size(); key++) {
      bag(random, event, FEATURES.sparse().get(key), key, byName);
    }
    return event;
  }

  private static void bag(
      Random random, Event event, SparseFeature feature, int key, boolean byName) {
    List<String> elements = new ArrayList<>();
    int length = random.nextInt(5);
    for (int i = 0; i < length; i++) {
      elements.add(element(random, event, feature, key, byName));
    }
    event.sparse.add("\"%s\":[%s]".formatted(feature.name(), String.join(",", elements)));
    if (random.nextInt(3) == 0) {
      float[] weights = new float[random.nextInt(30) == 0 ? length + 1 : length];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = random.nextInt(5) / 4f;
      }
      event.calls.add(
          (v, row) -> {
            if (byName) {
              row.weights(feature.name(), weights);
            } else {
              row.weights(key, weights);
            }
          });
      event.weights.add("\"%s\":%s".formatted(feature.name(), Arrays.toString(weights)));
    }
  }

  private static String element(
      Random random, Event event, SparseFeature feature, int key, boolean byName) {
    Encoding encoding = feature.encoding();
    boolean odd = random.nextInt(200) == 0;
    boolean text = encoding instanceof Encoding.Hex || encoding instanceof Encoding.Vocabulary;
    text |= encoding instanceof Encoding.Hash && random.nextBoolean();
    if (text != odd) {
      String word = WORDS[random.nextInt(encoding instanceof Encoding.Hex && !odd ? 5 : 7)];
      word = encoding instanceof Encoding.Hex && random.nextInt(50) > 0 ? "a1" : word;
      String element = word;
      event.calls.add(
          (v, row) -> {
            if (byName) {
              row.sparse(feature.name(), element);
            } else {
              row.sparse(key, element);
            }
          });
      return '"' + element + '"';
    }
    if (encoding instanceof Encoding.Bucketize || odd) {
      double element = random.nextInt(8) - 3.5;
      event.calls.add(
          (v, row) -> {
            if (byName) {
              row.sparse(feature.name(), element);
            } else {
              row.sparse(key, element);
            }
          });
      return String.valueOf(element);
    }
    boolean inRange = feature.name().equals("id") && random.nextInt(100) > 0;
    long element = inRange ? random.nextInt(50) : random.nextLong() >> random.nextInt(64);
    event.calls.add(
        (v, row) -> {
          if (byName) {
            row.sparse(feature.name(), element);
          } else {
            row.sparse(key, element);
          }
        });
    return String.valueOf(element);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void agreesWithTheDecoderOfTheSameJson(boolean weighted) {
    ModelConfig model = model(weighted);
    EventMapping mapping =
        new EventMapping(
            null, null, EventMapping.TimeFormat.EPOCH_MS, null, List.of(), 1 << 20, MAX_IDS);
    JsonEventDecoder decoder = new JsonEventDecoder(mapping, FEATURES, model);
    RowBuilder builder = new RowBuilder(FEATURES, model, MAX_IDS);
    FeatureBatch expected = decoder.newBatch();
    FeatureBatch got = builder.newBatch();
    Random random = new Random(weighted ? 1 : 2);
    int rejected = 0;
    DecodedEvent decoded = new DecodedEvent();
    for (int i = 0; i < EVENTS; i++) {
      Event event = event(random, i % 2 == 0);
      String json = event.json();
      DeadLetterReason reason = null;
      try {
        decoder.decode(json.getBytes(UTF_8), expected, decoded);
      } catch (RejectedEventException e) {
        reason = e.reason();
      }
      try {
        builder.write(null, (v, row) -> event.calls.forEach(c -> c.encode(null, row)), got);
        assertThat(reason).as(json).isNull();
        assertThat(builder.cutBags()).as(json).isEqualTo(decoded.cutBags);
      } catch (RejectedEventException e) {
        assertThat(e.reason()).as(json + e.detail()).isEqualTo(reason);
        rejected++;
      }
      assertThat(got.rows()).isEqualTo(expected.rows());
      if (got.rows() == 100) {
        assertSameColumns(got, expected);
        got.clear();
        expected.clear();
      }
    }
    assertThat(rejected).isBetween(EVENTS / 20, EVENTS / 2);
  }

  private static void assertSameColumns(FeatureBatch got, FeatureBatch expected) {
    int n = got.rows() * got.numDense();
    assertThat(Arrays.copyOf(got.dense(), n)).isEqualTo(Arrays.copyOf(expected.dense(), n));
    KeyedJaggedTensor a = got.toKeyedJaggedTensor();
    KeyedJaggedTensor b = expected.toKeyedJaggedTensor();
    assertThat(Arrays.copyOf(a.values(), got.totalIds()))
        .isEqualTo(Arrays.copyOf(b.values(), expected.totalIds()));
    int bags = got.rows() * got.keys().size();
    assertThat(Arrays.copyOf(a.offsets(), bags + 1))
        .isEqualTo(Arrays.copyOf(b.offsets(), bags + 1));
    if (got.isWeighted()) {
      assertThat(Arrays.copyOf(a.weights(), got.totalIds()))
          .isEqualTo(Arrays.copyOf(b.weights(), expected.totalIds()));
    }
  }

  @Test
  void valuesOfFeaturesThatTheModelDoesNotHaveAreCounted() throws Exception {
    RowBuilder builder = new RowBuilder(FEATURES, model(false), MAX_IDS);
    FeatureBatch batch = builder.newBatch();
    builder.write(
        "ignored",
        (value, row) -> row.dense("y", 1).dense("old", 2).sparse("gone", 3).weights("id", 1f),
        batch);
    assertThat(builder.unknownFields()).isEqualTo(3);
    assertThat(batch.rows()).isEqualTo(1);
  }

  @Test
  void anEncoderThatFailsLeavesTheBatchAsItWas() {
    RowBuilder builder = new RowBuilder(FEATURES, model(false), MAX_IDS);
    FeatureBatch batch = builder.newBatch();
    assertThatThrownBy(
            () ->
                builder.write(
                    1,
                    (value, row) -> {
                      row.dense("y", 1).sparse("id", 3);
                      throw new IllegalStateException("mine");
                    },
                    batch))
        .hasMessage("mine");
    assertThat(batch.rows()).isZero();
    assertThat(batch.bagLength(0)).isZero();
  }
}
