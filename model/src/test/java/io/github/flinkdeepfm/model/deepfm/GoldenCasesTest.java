package io.github.flinkdeepfm.model.deepfm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.model.GoldenCase;
import io.github.flinkdeepfm.model.modules.EmbeddingBagCollection;
import io.github.flinkdeepfm.model.sparse.JaggedTensor;
import io.github.flinkdeepfm.model.sparse.KeyedTensor;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class GoldenCasesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docstring_deepfm",
        "criteo_like",
        "weighted",
        "fp16",
        "key_order_b1",
        "key_order_extra"
      })
  void everyStageOfTheModelEqualsTorchRec(String name) {
    GoldenCase golden = new GoldenCase(name);
    SimpleDeepFMNN model = SimpleDeepFMNN.of(golden.config(), golden::parameter, golden.tables());

    INDArray dense = model.denseArch().forward(golden.denseFeatures());
    KeyedTensor sparse = model.sparseArch().forward(golden.sparseFeatures());
    INDArray interaction = model.interArch().forward(dense, sparse);

    assertClose(golden, "embedded_dense", dense);
    assertClose(golden, "embedded_sparse", sparse.values());
    GoldenTolerance.assertInteractionClose(
        interaction,
        golden.expected().get("interaction").floats(),
        Nd4j.concat(1, dense, sparse.values()));
    INDArray denseFeatures = golden.denseFeatures();
    assertClose(golden, "logits", model.forwardLogits(denseFeatures, golden.sparseFeatures()));
    INDArray scores = model.forward(denseFeatures, golden.sparseFeatures());
    assertClose(golden, "scores", scores);
    assertThat(scores.shape()).containsExactly(denseFeatures.size(0), 1);
    assertThat(denseFeatures).isEqualTo(golden.denseFeatures());
    assertKeys(golden, sparse);
  }

  @ParameterizedTest
  @ValueSource(strings = {"docstring_ebc", "shared_feature_ebc"})
  void everyPooledFeatureOfTheCollectionEqualsTorchRec(String name) {
    GoldenCase golden = new GoldenCase(name);
    EmbeddingBagCollection collection =
        new EmbeddingBagCollection(
            golden.config().tables(), golden.config().isWeighted(), golden.tables());

    KeyedTensor pooled = collection.forward(golden.sparseFeatures());

    assertClose(golden, "pooled", pooled.values());
    assertThat(golden.expected().keySet()).contains("pooled." + pooled.keys().get(0));
    pooled.toDict().forEach((key, value) -> assertClose(golden, "pooled." + key, value));
    assertKeys(golden, pooled);
    assertThatThrownBy(() -> new SimpleDeepFMNN(3, collection, 4, 2, parameter -> null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docstring_deepfm",
        "docstring_ebc",
        "criteo_like",
        "weighted",
        "fp16",
        "key_order_b1",
        "key_order_extra",
        "shared_feature_ebc"
      })
  void everyKeyOfTheInputEqualsTorchRecsDict(String name) {
    GoldenCase golden = new GoldenCase(name);
    Map<String, JaggedTensor> dict = golden.sparseFeatures().toDict();
    Map<String, GoldenCase.Tensor> expected = golden.expected();
    dict.forEach(
        (key, jagged) -> {
          String prefix = "kjt." + key + ".";
          assertThat(jagged.values()).isEqualTo(expected.get(prefix + "values").longs());
          assertThat(jagged.lengths()).isEqualTo(expected.get(prefix + "lengths").ints());
          assertThat(jagged.offsets()).isEqualTo(expected.get(prefix + "offsets").ints());
          GoldenCase.Tensor weights = expected.get(prefix + "weights");
          assertThat(jagged.weightsOrNull()).isEqualTo(weights == null ? null : weights.floats());
        });
    long keys = expected.keySet().stream().filter(k -> k.matches("kjt\\..*\\.values")).count();
    assertThat(dict).hasSize((int) keys);
  }

  private static void assertClose(GoldenCase golden, String tensor, INDArray got) {
    assertThat(got.shape()).as(tensor).isEqualTo(golden.expected().get(tensor).shape());
    GoldenTolerance.assertClose(tensor, got, golden.expected().get(tensor).floats());
  }

  private static void assertKeys(GoldenCase golden, KeyedTensor pooled) {
    JsonNode expected = golden.description().get("keyed_tensor");
    assertThat(pooled.keys()).isEqualTo(GoldenCase.strings(expected.get("keys")));
    assertThat(pooled.lengthPerKey()).isEqualTo(ints(expected.get("length_per_key")));
    assertThat(pooled.offsetPerKey()).isEqualTo(ints(expected.get("offset_per_key")));
  }

  private static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
