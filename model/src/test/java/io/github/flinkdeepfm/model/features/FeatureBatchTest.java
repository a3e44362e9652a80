package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.Encoding.OnOutOfRange;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In how many rows a feature is absent, of events that were scanned, parsed or Java values. */
class FeatureBatchTest {
  private static final FeaturesConfig FEATURES =
      new FeaturesConfig(
          List.of(
              new DenseFeature("x", "/x", List.of(), OptionalDouble.of(0)),
              new DenseFeature("y", "/y", List.of(), OptionalDouble.empty())),
          List.of(
              new SparseFeature(
                  "a", "/a", "/w", new Encoding.Id(OnOutOfRange.DROP), SparseFeature.UNLIMITED),
              new SparseFeature(
                  "b",
                  "/b",
                  "/v",
                  new Encoding.Id(OnOutOfRange.DROP),
                  SparseFeature.UNLIMITED,
                  Optional.of(List.of("1")))));

  private static ModelConfig model(boolean weighted) {
    return new ModelConfig(
        ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
        2,
        4,
        4,
        weighted,
        List.of(new EmbeddingBagConfig("t", 10, 4, List.of("a", "b"))));
  }

  private static long[] absent(FeatureBatch batch) {
    long[] counts = new long[4];
    batch.countAbsent(counts);
    return counts;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void countsRowsWithoutAValue(boolean weighted) throws Exception {
    JsonEventDecoder decoder =
        new JsonEventDecoder(EventMapping.DEFAULT, FEATURES, model(weighted));
    FeatureBatch batch = decoder.newBatch();
    DecodedEvent out = new DecodedEvent();
    for (boolean parsed : new boolean[] {false, true}) {
      batch.clear();
      for (String event :
          List.of(
              "{\"x\":0,\"y\":1,\"a\":[1],\"b\":[1]}", // The default's own values are values.
              "{\"x\":null,\"y\":1,\"a\":[],\"b\":[]}",
              "{\"y\":1,\"a\":[99],\"b\":[99,98]}", // Of another table's size: all dropped.
              "{\"y\":1,\"a\":[99,2]}")) {
        decode(decoder, event, parsed, batch, out);
      }
      assertThat(absent(batch)).containsExactly(3, 0, 2, 3);
      assertThatThrownBy(() -> decode(decoder, "{\"a\":[1]}", parsed, batch, out))
          .isInstanceOf(RejectedEventException.class);
      assertThat(absent(batch)).as("a dead letter").containsExactly(3, 0, 2, 3);
      decode(decoder, "{\"y\":1,\"b\":[3]}", parsed, batch, out);
      assertThat(absent(batch)).containsExactly(4, 0, 3, 3);
      batch.removeLastRow();
      assertThat(absent(batch)).containsExactly(3, 0, 2, 3);
    }
    batch.clear();
    assertThat(absent(batch)).containsOnly(0);
  }

  private static void decode(
      JsonEventDecoder decoder, String event, boolean parsed, FeatureBatch batch, DecodedEvent out)
      throws RejectedEventException {
    if (parsed) {
      decoder.decodeByParser(event.getBytes(UTF_8), batch, out);
    } else {
      decoder.decode(event.getBytes(UTF_8), batch, out);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void countsRowsOfJavaValuesAlike(boolean weighted) throws Exception {
    RowBuilder rows = new RowBuilder(FEATURES, model(weighted), 10);
    FeatureBatch batch = rows.newBatch();
    rows.write(
        null, (v, row) -> row.dense("x", 0).dense("y", 1).sparse("a", 1).sparse("b", 1), batch);
    rows.write(null, (v, row) -> row.dense("y", 1).sparse("a", 99), batch);
    assertThat(absent(batch)).containsExactly(1, 0, 1, 1);
  }
}
