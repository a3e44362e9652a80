package io.github.flinkdeepfm.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigReaderTest {
  private static final String SIZES =
      "'num_dense_features':3,'hidden_layer_size':4,'deep_fm_dimension':5";
  private static final String T1 =
      "{'name':'t1','num_embeddings':6,'embedding_dim':3,'feature_names':['f1']}";

  @Test
  void smallestDocumentTakesTorchRecsDefaults() {
    ModelConfig config =
        parse("{" + SIZES + ",'tables':[{'name':'t','num_embeddings':6,'embedding_dim':3}]}");

    assertThat(config)
        .isEqualTo(
            new ModelConfig(
                ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
                3,
                4,
                5,
                false,
                List.of(
                    new EmbeddingBagConfig(
                        "t", 6, 3, List.of("t"), PoolingType.SUM, DataType.FP32))));
  }

  @Test
  void allMistakesOfADocumentAreInOneError() {
    InvalidConfigurationException error =
        catchThrowableOfType(
            InvalidConfigurationException.class,
            () ->
                parse(
                    "{'num_dense_features':0,'hidden_layer_size':'4','is_weighted':1,'layers':3,"
                        + "'tables':[{'name':'','num_embeddings':1.5,'embedding_dim':-1,"
                        + "'pooling':'MAX','data_type':'INT8','feature_names':['a',7],'dim':3},4]}"));

    assertThat(error.problems())
        .containsExactly(
            "num_dense_features: expected an integer from 1 to 2147483647, got 0",
            "hidden_layer_size: expected an integer from 1 to 2147483647, got \"4\"",
            "deep_fm_dimension: expected an integer from 1 to 2147483647, got no such key",
            "is_weighted: expected true or false, got 1",
            "tables[1]: expected an object, got 4",
            "tables[0].name: expected a string that is not empty, got \"\"",
            "tables[0].num_embeddings: expected an integer from 1 to 9223372036854775807, got 1.5",
            "tables[0].embedding_dim: expected an integer from 1 to 2147483647, got -1",
            "tables[0].feature_names[1]: expected a string that is not empty, got 7",
            "tables[0].pooling: expected one of [SUM, MEAN], got \"MAX\"",
            "tables[0].data_type: expected one of [FP32, FP16, BF16], got \"INT8\"",
            "tables[0]: expected no other keys than [data_type, embedding_dim, feature_names, name,"
                + " num_embeddings, pooling], got \"dim\"",
            "expected no other keys than [deep_fm_dimension, hidden_layer_size, is_weighted, model,"
                + " num_dense_features, tables], got \"layers\"");
    assertThat(error).hasMessageStartingWith("model.json: 13 problems:");
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        arguments(deepFm(""), "expected at least one table, got none"),
        arguments(
            deepFm(T1 + ",{'name':'t2','num_embeddings':5,'embedding_dim':4}"),
            "expected one embedding_dim for all, got tables by dimension {3=[t1], 4=[t2]}"),
        arguments(
            deepFm(T1 + "," + T1.replace("f1", "f2")),
            "tables[1].name: expected each table name once, got \"t1\" again"),
        arguments(deepFm(T1.replace("t1", "t1.x")), "expected a name without a dot"),
        arguments(
            deepFm(T1 + "," + T1.replace("t1", "t2")),
            "each feature once in a SimpleDeepFMNN, got \"f1\" in tables \"t1\" and \"t2\""),
        arguments(deepFm(T1.replace("'f1'", "'f1','f1'")), "got \"f1\" twice in table \"t1\""),
        arguments(
            deepFm(T1.replace("'name'", "'pooling':'MEAN','name'"))
                .replace("{'num", "{'is_weighted':true,'num"),
            "tables[0].pooling: expected SUM in a weighted model, got MEAN"),
        arguments(
            deepFm(T1.replace("'name'", "'data_type':'FP16','name'"))
                .replace("{'num", "{'is_weighted':true,'num"),
            "tables[0].data_type: expected FP32 in a weighted model, got FP16"),
        arguments(
            deepFm(T1.replace("'num_embeddings':6", "'num_embeddings':9223372036854775807")),
            "a table below 2^62 bytes"),
        arguments(
            deepFm(T1).replace("'hidden_layer_size':4", "'hidden_layer_size':2000000000"),
            "dense_arch.model.0.weight: expected at most 2147483639 elements"),
        arguments("{'model':'DLRM'," + SIZES + ",'tables':[" + T1 + "]}", "got \"DLRM\""),
        arguments("{'model':'EmbeddingBagCollection','tables':[]}", "at least one table"),
        arguments("{" + SIZES + "}", "tables: expected an array of objects, got no such key"),
        arguments("{" + SIZES + ",'tables':{}}", "tables: expected an array of objects, got {}"),
        arguments("[]", "expected a JSON object, got ARRAY"),
        arguments("", "expected a JSON object, got MISSING"),
        arguments("{'tables':[],'tables':[]}", "Duplicate field 'tables'"),
        arguments("{} {}", "expected JSON"),
        arguments("{'a':" + "[".repeat(100_000), "expected JSON"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void modelsThatTorchRecRefusesAreRefused(String json, String fragment) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining(fragment);
  }

  @ParameterizedTest
  @ValueSource(strings = {"items", "keys", "values", "type", "float", "train", "training", "pop"})
  void namesThatPyTorchReservesAreRefused(String name) {
    assertThatThrownBy(() -> parse(deepFm(T1.replace("t1", name))))
        .hasMessageContaining("got \"" + name + "\", an attribute of it");
  }

  @Test
  void collectionTakesUnequalDimensionsAndSharedFeatures() {
    ModelConfig config =
        parse(
            "{'model':'EmbeddingBagCollection','tables':["
                + T1
                + ",{'name':'t2','num_embeddings':5,'embedding_dim':4,'feature_names':['f1']}]}");

    assertThat(config.kind()).isEqualTo(ModelConfig.Kind.EMBEDDING_BAG_COLLECTION);
    assertThat(config.featureNames()).containsExactly("f1", "f1");
    assertThat(StateDict.of(config))
        .containsExactly(
            new StateDict.Entry("embedding_bags.t1.weight", Dtype.F32, List.of(6L, 3L)),
            new StateDict.Entry("embedding_bags.t2.weight", Dtype.F32, List.of(5L, 4L)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"docstring_deepfm", "fp16", "shared_feature_ebc", "weighted"})
  void whatIsWrittenReadsBackEqual(String golden) {
    ModelConfig config =
        ModelConfigReader.read(Golden.directory(golden).resolve(ModelDirectory.MODEL));

    assertThat(ModelConfigReader.parse("copy", ModelConfigWriter.toJson(config))).isEqualTo(config);
  }

  private static String deepFm(String tables) {
    return "{" + SIZES + ",'tables':[" + tables + "]}";
  }

  private static ModelConfig parse(String json) {
    return ModelConfigReader.parse("model.json", json.replace('\'', '"'));
  }
}
