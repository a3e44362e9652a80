package io.github.flinkdeepfm.model.deepfm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.model.GoldenCase;
import io.github.flinkdeepfm.model.modules.ArrayTable;
import io.github.flinkdeepfm.model.modules.EmbeddingBagCollection;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import io.github.flinkdeepfm.model.sparse.KeyedTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What TorchRec raises, ours refuses, in the same phase or before it; what TorchRec takes, ours
 * takes, with the same result. {@code errors.json} holds what TorchRec did.
 */
class TorchRecOutcomesTest {
  private static final JsonNode ERRORS = GoldenCase.json("errors/errors.json");

  /** Inputs that Java's types do not let anyone write down, and why. */
  private static final Map<String, String> NOT_EXPRESSIBLE =
      Map.of(
          "lengths_float", "lengths are int[]",
          "values_float", "ids are long[]",
          "weighted_fp16_table_f16_weights", "weights are float[], there are no f16 weights",
          "other_data_types", "DataType has no INT8, and BF16 is an extension of ours");

  /** A piece of the message for every input that is refused. */
  private static final Map<String, String> MESSAGES =
      Map.ofEntries(
          Map.entry("index_equals_num_embeddings", "table t1, feature f1: expected 0 <= id < 6"),
          Map.entry("index_far_out_of_range", "expected 0 <= id < 5, got 1000000000000"),
          Map.entry("index_past_32_bits", "expected 0 <= id < 6, got 4294967297"),
          Map.entry("index_negative", "expected 0 <= id < 6, got -1"),
          Map.entry("missing_key", "expected one of the keys [f1], got f2"),
          Map.entry("missing_key_model", "expected one of the keys [f1], got f2"),
          Map.entry("empty_kjt", "expected one of the keys [], got f1"),
          Map.entry("mismatched_dims", "got t1 of 3 and t2 of 4"),
          Map.entry("zero_tables", "expected at least one table"),
          Map.entry("zero_tables_forward", "expected at least one table"),
          Map.entry("duplicate_table_name", "got t1 twice"),
          Map.entry("table_name_with_dot", "without a dot, got t1.x"),
          Map.entry("table_name_empty", "got the empty string"),
          Map.entry("table_name_reserved", "no attribute of PyTorch's ModuleDict, got items"),
          Map.entry("pooling_none", "PoolingType.NONE"),
          Map.entry("shared_feature_model", "got f2 again (table t2)"),
          Map.entry("repeated_feature_in_one_table_model", "got f1 again (table t1)"),
          Map.entry("weighted_without_weights", "got one without weights"),
          Map.entry("weighted_mean", "table t1: expected pooling SUM"),
          Map.entry("weighted_fp16_table_f32_weights", "table t1: expected FP32"),
          Map.entry("weighted_fp16_and_fp32_tables", "table t1: expected FP32"),
          Map.entry("weights_too_short", "expected 5 weights (one a value), got 4"),
          Map.entry("lengths_sum_below_values", "expected 4 values (the sum of lengths), got 5"),
          Map.entry("lengths_sum_above_values", "expected 6 values (the sum of lengths), got 5"),
          Map.entry("lengths_not_multiple_of_keys", "expected a multiple of 2 bags"),
          Map.entry("lengths_negative", "got -1 (lengths[1])"),
          Map.entry("batch_of_zero", "got a batch of 0"),
          Map.entry("dense_wrong_width", "model.0: expected input [B, 2], got [2, 3]"),
          Map.entry("dense_wrong_batch", "expected dense features [2, D]"),
          Map.entry("dense_one_row_for_batch", "expected dense features [2, D]"),
          Map.entry("dense_one_dimensional", "model.0: expected input [B, 2], got [2]"));

  private static final Class<?>[] REFUSALS = {
    IllegalArgumentException.class,
    IllegalStateException.class,
    NoSuchElementException.class,
    IndexOutOfBoundsException.class
  };

  private static final List<String> PHASES =
      List.of("ebc_construct", "model_construct", "kjt_construct", "forward");

  /** How far {@link #run} came. */
  private String phase = PHASES.get(0);

  static Stream<String> raising() {
    return ids("raising");
  }

  static Stream<String> notRaising() {
    return ids("not_raising");
  }

  private static Stream<String> ids(String group) {
    return StreamSupport.stream(ERRORS.get(group).spliterator(), false)
        .map(e -> e.get("id").asText())
        .filter(id -> !NOT_EXPRESSIBLE.containsKey(id));
  }

  private static JsonNode entry(String group, String id) {
    return StreamSupport.stream(ERRORS.get(group).spliterator(), false)
        .filter(e -> e.get("id").asText().equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everyInputIsEitherTriedOrNamedAsNotExpressible() {
    assertThat(ERRORS.get("raising")).hasSize(33);
    assertThat(ERRORS.get("not_raising")).hasSize(24);
    assertThat(raising()).containsExactlyInAnyOrderElementsOf(MESSAGES.keySet());
    assertThat(raising().count() + notRaising().count() + NOT_EXPRESSIBLE.size()).isEqualTo(57);
  }

  @ParameterizedTest
  @MethodSource("raising")
  void whatTorchRecRaisesIsRefusedNoLater(String id) {
    JsonNode entry = entry("raising", id);
    RuntimeException refusal = null;
    try {
      run(entry);
    } catch (RuntimeException e) {
      refusal = e;
    }
    assertThat(refusal).isNotNull().hasMessageContaining(MESSAGES.get(id));
    assertThat(refusal).isInstanceOfAny(REFUSALS);
    String torchRecs = entry.at("/torchrec/raises/phase").asText();
    assertThat(PHASES.indexOf(phase)).isBetween(0, PHASES.indexOf(torchRecs));
  }

  @ParameterizedTest
  @MethodSource("notRaising")
  void whatTorchRecTakesGivesItsResult(String id) {
    JsonNode entry = entry("not_raising", id);
    JsonNode expected = entry.get("torchrec");
    Map<String, Object> results = run(entry);
    assertThat(results).isNotEmpty();
    results.forEach(
        (name, got) -> {
          JsonNode want = expected.get(name);
          if (got instanceof INDArray array) {
            GoldenTolerance.assertClose(name, array, floats(want));
          } else if (got instanceof KeyedTensor pooled) {
            assertThat(pooled.keys()).isEqualTo(GoldenCase.strings(want.get("keys")));
            assertThat(pooled.lengthPerKey()).isEqualTo(ints(want.get("length_per_key")));
            assertThat(pooled.offsetPerKey()).isEqualTo(ints(want.get("offset_per_key")));
          } else {
            assertThat(got)
                .isEqualTo(
                    StreamSupport.stream(want.spliterator(), false)
                        .map(GoldenCase::strings)
                        .toList());
          }
        });
  }

  /** Runs as far as the entry goes; the results by the names that errors.json gives them. */
  private Map<String, Object> run(JsonNode entry) {
    List<EmbeddingBagConfig> configs = new ArrayList<>();
    entry.get("tables").forEach(t -> configs.add(GoldenCase.tableConfig(t)));
    List<EmbeddingTable> tables = configs.stream().<EmbeddingTable>map(ArrayTable::byRule).toList();
    EmbeddingBagCollection collection =
        new EmbeddingBagCollection(configs, entry.get("is_weighted").asBoolean(), tables);
    SimpleDeepFMNN model = null;
    if (entry.has("deepfm")) {
      phase = "model_construct";
      model = model(collection, entry.get("deepfm"));
    }
    Map<String, Object> results = new LinkedHashMap<>();
    if (!entry.has("kjt")) {
      results.put("feature_names", configs.stream().map(EmbeddingBagConfig::featureNames).toList());
      return results;
    }
    phase = "kjt_construct";
    KeyedJaggedTensor features = features(entry.get("kjt"));
    phase = "forward";
    if (model == null) {
      KeyedTensor pooled = collection.forward(features);
      results.put("keyed_tensor", pooled);
      results.put("pooled", pooled.values());
    } else {
      INDArray dense = dense(entry.get("dense_features"));
      INDArray embeddedDense = model.denseArch().forward(dense);
      results.put("embedded_dense", embeddedDense);
      results.put(
          "interaction",
          model.interArch().forward(embeddedDense, model.sparseArch().forward(features)));
      results.put("logits", model.forwardLogits(dense, features));
      results.put("scores", model.forward(dense, features));
    }
    return results;
  }

  private static SimpleDeepFMNN model(EmbeddingBagCollection collection, JsonNode sizes) {
    int n = sizes.get("num_dense_features").asInt();
    int h = sizes.get("hidden_layer_size").asInt();
    int di = sizes.get("deep_fm_dimension").asInt();
    int d = 3;
    Map<String, Integer> weights =
        Map.of(
            "dense_arch.model.0", n * h,
            "dense_arch.model.2", h * d,
            "inter_arch.deep_fm.dense_module.0", 3 * d * di,
            "over_arch.model.0", d + di + 1);
    Map<String, Integer> biases =
        Map.of(
            "dense_arch.model.0", h,
            "dense_arch.model.2", d,
            "inter_arch.deep_fm.dense_module.0", di,
            "over_arch.model.0", 1);
    return new SimpleDeepFMNN(
        n,
        collection,
        h,
        di,
        name -> {
          String linear = name.substring(0, name.lastIndexOf('.'));
          return name.endsWith(".weight")
              ? filled(weights.get(linear), 0.125f)
              : filled(biases.get(linear), 0.0625f);
        });
  }

  private static float[] filled(int length, float value) {
    float[] filled = new float[length];
    Arrays.fill(filled, value);
    return filled;
  }

  private static KeyedJaggedTensor features(JsonNode kjt) {
    List<String> keys = GoldenCase.strings(kjt.get("keys"));
    long[] values =
        StreamSupport.stream(kjt.get("values").spliterator(), false)
            .mapToLong(JsonNode::asLong)
            .toArray();
    float[] weights = kjt.has("weights") ? floats(kjt.get("weights")) : null;
    return kjt.has("offsets")
        ? KeyedJaggedTensor.fromOffsetsSync(keys, values, ints(kjt.get("offsets")), weights)
        : KeyedJaggedTensor.fromLengthsSync(keys, values, ints(kjt.get("lengths")), weights);
  }

  private static INDArray dense(JsonNode rows) {
    float[] flat = floats(rows);
    return rows.get(0).isArray()
        ? Nd4j.create(flat, new long[] {rows.size(), rows.get(0).size()}, 'c')
        : Nd4j.createFromArray(flat);
  }

  private static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  /** All numbers of a list, or of a list of lists, in order. */
  private static float[] floats(JsonNode array) {
    List<Float> all = new ArrayList<>();
    for (JsonNode element : array) {
      if (element.isArray()) {
        for (float value : floats(element)) {
          all.add(value);
        }
      } else {
        all.add(
            switch (element.asText()) {
              case "nan" -> Float.NaN;
              case "inf" -> Float.POSITIVE_INFINITY;
              case "-inf" -> Float.NEGATIVE_INFINITY;
              default -> element.floatValue();
            });
      }
    }
    float[] flat = new float[all.size()];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = all.get(i);
    }
    return flat;
  }
}
