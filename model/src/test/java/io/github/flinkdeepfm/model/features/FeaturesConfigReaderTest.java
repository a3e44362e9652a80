package io.github.flinkdeepfm.model.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FeaturesConfigReaderTest {
  private static final ModelConfig MODEL = Events.model(1, false, 10, "s");
  private static final String D = "{\"dense\":[{\"name\":\"d\"}],\"sparse\":[";
  private static final String S = "],\"sparse\":[{\"name\":\"s\",\"encoding\":\"id\"}]}";

  @TempDir Path dir;

  private static String dense(String rest) {
    return "{\"dense\":[{\"name\":\"d\"" + rest + "}" + S;
  }

  private static String sparse(String rest) {
    return D + "{\"name\":\"s\"" + rest + "}]}";
  }

  static Stream<Arguments> mistakes() {
    String hash = ",\"encoding\":\"hash\"";
    String vocabulary = ",\"encoding\":\"vocabulary\"";
    String bucketize = ",\"encoding\":\"bucketize\"";
    return Stream.of(
        arguments("[]", "expected a JSON object, got ARRAY"),
        arguments("{", "expected JSON, got Unexpected end-of-input"),
        arguments("{\"dense\":[],\"dense\":[]}", "Duplicate field 'dense'"),
        arguments("{}{}", "expected JSON, got Trailing token"),
        arguments("{\"dense\":{}}", "dense: expected an array, got an object"),
        arguments("{\"dens\":[]}", "dens: expected one of [dense, sparse], got dens"),
        arguments("{\"dense\":[" + S, "dense: expected 1 features"),
        arguments("{\"dense\":[{}" + S, "dense[0].name: expected a feature name, got none"),
        arguments("{\"dense\":[7" + S, "dense[0]: expected an object, got 7"),
        arguments(dense("},{\"name\":\"d\""), "dense[1].name: expected each feature once"),
        arguments(dense(",\"transform\":[]"), "dense[0].transform: expected one of"),
        arguments(dense(",\"source\":\"I1\""), "dense[0].source: expected a JSON pointer"),
        arguments(dense(",\"source\":\"/a~2\""), "dense[0].source: expected a JSON pointer"),
        arguments(dense(",\"source\":\"\""), "dense[0].source: expected a JSON pointer to a field"),
        arguments(dense(",\"source\":3"), "dense[0].source: expected a string, got 3"),
        arguments(dense(",\"default\":\"0\""), "dense[0].default: expected a finite number"),
        arguments(dense(",\"default\":1e999"), "dense[0].default: expected a finite number"),
        arguments(dense(",\"default\":1e39"), "dense[0].default: expected a value that is finite"),
        arguments(dense(",\"transforms\":[\"log\"]"), "dense[0].transforms[0]: expected \"log1p\""),
        arguments(
            dense(",\"transforms\":[{\"standardize\":{\"mean\":0,\"std\":0}}]"),
            "transforms[0].std: expected a number other than 0"),
        arguments(
            dense(",\"transforms\":[{\"standardize\":{\"std\":1e999}}]"),
            "transforms[0].mean: expected a finite number, got none"),
        arguments(
            dense(",\"transforms\":[{\"standardize\":{\"mean\":1,\"std\":1e999}}]"),
            "transforms[0].std: expected a finite number"),
        arguments(
            dense(",\"transforms\":[{\"clip\":{\"min\":2,\"max\":1}}]"),
            "transforms[0]: expected min at most max, got 2.0 and 1.0"),
        arguments(
            dense(",\"transforms\":[{\"clip\":{\"min\":2,\"max\":3,\"x\":1}}]"),
            "transforms[0].x: expected one of [max, min]"),
        arguments(D + "]}", "sparse: expected an entry for the model's feature \"s\""),
        arguments(
            sparse("},{\"name\":\"t\""), "sparse[1].name: expected a feature of the model [s]"),
        arguments(sparse("},{\"name\":\"s\""), "sparse[1].name: expected each feature once"),
        arguments(sparse(",\"weights_source\":\"x\""), "sparse[0].weights_source: expected a JSON"),
        arguments(sparse(",\"encoding\":\"md5\""), "sparse[0].encoding: expected id, hash, hex"),
        arguments(sparse(",\"encoding\":\"id\",\"seed\":1"), "sparse[0].seed: expected one of"),
        arguments(sparse(",\"on_out_of_range\":\"x\""), "on_out_of_range: expected reject, modulo"),
        arguments(sparse(",\"max_length\":0"), "max_length: expected an integer from 1 to"),
        arguments(sparse(",\"max_length\":2.0"), "max_length: expected an integer from 1 to"),
        arguments(sparse(hash + ",\"seed\":-1"), "seed: expected an integer from 0 to 4294967295"),
        arguments(sparse(hash + ",\"seed\":4294967296"), "seed: expected an integer from 0 to"),
        arguments(sparse(hash + ",\"buckets\":0"), "buckets: expected an integer from 1 to 10"),
        arguments(sparse(hash + ",\"buckets\":11"), "buckets: expected an integer from 1 to 10"),
        arguments(sparse(hash + ",\"offset\":-1"), "offset: expected an integer from 0"),
        arguments(
            sparse(hash + ",\"buckets\":9,\"offset\":2"), "offset: expected buckets + offset"),
        arguments(sparse(hash + ",\"offset\":1"), "offset: expected buckets + offset"),
        arguments(
            sparse(hash + ",\"signedness\":\"both\""),
            "sparse[0].signedness: expected unsigned, signed or abs, got \"both\""),
        arguments(sparse(",\"signedness\":\"abs\""), "sparse[0].signedness: expected one of"),
        arguments(
            sparse(",\"accept\":[\"int\"]"),
            "sparse[0].accept: expected \"string\" or \"float\", got \"int\""),
        arguments(sparse(",\"accept\":\"float\""), "sparse[0].accept: expected an array"),
        arguments(sparse(vocabulary + ",\"accept\":[]"), "sparse[0].accept: expected one of"),
        arguments(
            sparse(",\"encoding\":\"hex\",\"width\":33"),
            "sparse[0].width: expected 32 or 64, got 33"),
        arguments(
            sparse(",\"encoding\":\"hex\",\"default\":\"\""),
            "sparse[0].default of s: expected 1 to 16 hexadecimal digits, got \"\""),
        arguments(
            sparse(",\"encoding\":\"hex\",\"default\":0"),
            "sparse[0].default of s: expected a string of hexadecimal digits, got 0"),
        arguments(
            sparse(",\"default\":10"),
            "sparse[0].default of s: expected an id from 0 to 9, got 10"),
        arguments(
            sparse(",\"default\":\"1\""), "sparse[0].default of s: expected an integer id, got"),
        arguments(
            sparse(",\"on_out_of_range\":\"drop\",\"default\":[1,-1]"),
            "sparse[0].default of s: expected an id from 0 to 9, got -1"),
        arguments(
            sparse(",\"default\":null"),
            "sparse[0].default of s: expected an integer id, got null"),
        arguments(sparse(",\"default\":[[1]]"), "expected an integer id, got an array"),
        arguments(
            sparse(",\"max_length\":1,\"default\":[1,2]"),
            "sparse[0].default of s: expected at most max_length 1 elements, got 2"),
        arguments(sparse(vocabulary), "expected vocabulary or vocabulary_file, got neither"),
        arguments(
            sparse(vocabulary + ",\"vocabulary\":[],\"vocabulary_file\":\"ten.txt\""),
            "expected vocabulary or vocabulary_file, got both"),
        arguments(
            sparse(vocabulary + ",\"vocabulary\":[1]"), "vocabulary: expected strings, got 1"),
        arguments(
            sparse(vocabulary + ",\"vocabulary\":[\"a\",\"a\"]"),
            "vocabulary: expected each word once, got \"a\" again"),
        arguments(
            sparse(vocabulary + ",\"vocabulary_file\":\"ten.txt\""),
            "vocabulary_file: expected fewer words than num_embeddings 10, got 10 words"),
        arguments(
            sparse(vocabulary + ",\"vocabulary_file\":\"none.txt\""),
            "vocabulary_file: expected a UTF-8 file in the model directory"),
        arguments(
            sparse(vocabulary + ",\"vocabulary_file\":\"latin1.txt\""),
            "vocabulary_file: expected a UTF-8 file in the model directory"),
        arguments(
            sparse(vocabulary + ",\"vocabulary_file\":\"../x.txt\""),
            "vocabulary_file: expected a file in the model directory, got \"../x.txt\""),
        arguments(
            sparse(vocabulary + ",\"vocabulary_file\":\"/etc/hosts\""),
            "vocabulary_file: expected a file in the model directory"),
        arguments(sparse(bucketize), "boundaries: expected an array of numbers, got none"),
        arguments(sparse(bucketize + ",\"boundaries\":[2,1]"), "boundaries: expected finite"),
        arguments(sparse(bucketize + ",\"boundaries\":[1,1]"), "boundaries: expected finite"),
        arguments(sparse(bucketize + ",\"boundaries\":[1e999]"), "boundaries: expected finite"),
        arguments(sparse(bucketize + ",\"boundaries\":[\"1\"]"), "boundaries: expected finite"),
        arguments(
            sparse(bucketize + ",\"boundaries\":[0,1,2,3,4,5,6,7,8,9]"),
            "boundaries: expected fewer boundaries than num_embeddings 10, got 10"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("mistakes")
  void namesTheMistake(String json, String message) throws Exception {
    Files.writeString(dir.resolve("ten.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    Files.write(dir.resolve("latin1.txt"), new byte[] {'g', 'r', (byte) 0xFC, 'n'});
    assertThatThrownBy(() -> Events.features(dir, MODEL, json))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("features.json")
        .hasMessageContaining(message);
  }

  @Test
  void namesAllMistakesAtOnce() {
    InvalidConfigurationException e =
        catchThrowableOfType(
            InvalidConfigurationException.class,
            () ->
                Events.features(
                    dir,
                    MODEL,
                    "{\"x\":1,\"dense\":[],\"sparse\":[{\"name\":\"s\",\"max_length\":-1,"
                        + "\"source\":\"s\",\"encoding\":\"rot13\",\"seed\":1,\"colour\":2}]}"));
    assertThat(e.problems()).hasSize(6);
  }

  @Test
  void withoutTheFileIntegersAreIdsAndDenseFeaturesAreNumbered() {
    ModelConfig model = Events.model(2, true, 10, "b", "a/c");
    FeaturesConfig config = FeaturesConfigReader.read(dir, model);
    assertThat(config.dense())
        .containsExactly(
            new DenseFeature("dense_0", "/dense/dense_0", List.of(), OptionalDouble.empty()),
            new DenseFeature("dense_1", "/dense/dense_1", List.of(), OptionalDouble.empty()));
    Encoding id = new Encoding.Id(Encoding.OnOutOfRange.REJECT);
    assertThat(config.sparse())
        .containsExactly(
            new SparseFeature("b", "/sparse/b", "/weights/b", id, SparseFeature.UNLIMITED),
            new SparseFeature("a/c", "/sparse/a~1c", "/weights/a~1c", id, SparseFeature.UNLIMITED));
  }

  @Test
  void keysComeInTheModelsOrderWhateverTheFiles() {
    ModelConfig model = Events.model(0, false, 10, "a", "b", "c");
    FeaturesConfig config =
        Events.features(
            dir,
            model,
            "{\"sparse\":[{\"name\":\"c\"},{\"name\":\"a\",\"encoding\":\"hex\"},{\"name\":\"b\"}]}");
    assertThat(config.sparse()).extracting(SparseFeature::name).containsExactly("a", "b", "c");
    assertThat(config.sparse().get(0).encoding()).isEqualTo(new Encoding.Hex());
  }

  @Test
  void aFeatureOfTwoTablesIsOneKeyAndFitsTheSmaller() {
    ModelConfig model =
        new ModelConfig(
            ModelConfig.Kind.EMBEDDING_BAG_COLLECTION,
            0,
            0,
            0,
            false,
            List.of(
                new EmbeddingBagConfig("t1", 10, 4, List.of("f", "g")),
                new EmbeddingBagConfig("t2", 5, 4, List.of("f"))));
    FeaturesConfig config =
        Events.features(
            dir, model, "{\"sparse\":[{\"name\":\"g\"},{\"name\":\"f\",\"encoding\":\"hash\"}]}");
    assertThat(config.sparse()).extracting(SparseFeature::name).containsExactly("f", "g");
    assertThat(config.sparse().get(0).encoding()).isEqualTo(new Encoding.Hash(0, 5, 0));
  }

  @Test
  void readsWhatIsOptionalAndTwoConfigurationsOfOneRuleAreEqual() {
    String rule = ",\"encoding\":\"hash\",\"signedness\":\"abs\",\"accept\":[\"float\"]";
    FeaturesConfig config = Events.features(dir, MODEL, sparse(rule + ",\"default\":[1,\"x\"]"));
    assertThat(config.sparse().get(0))
        .isEqualTo(
            new SparseFeature(
                "s",
                "/sparse/s",
                "/weights/s",
                new Encoding.Hash(0, 10, 0, Encoding.Signedness.ABS, new Accept(false, true)),
                SparseFeature.UNLIMITED,
                Optional.of(List.of("1", "\"x\""))));
    assertThat(Events.features(dir, MODEL, sparse(rule + ",\"default\":[ 1 ,\"\\u0078\"]")))
        .isEqualTo(config);
    assertThat(Events.features(dir, MODEL, sparse(rule))).isNotEqualTo(config);
    assertThat(Events.features(dir, MODEL, sparse(",\"encoding\":\"hex\",\"width\":32")))
        .isNotEqualTo(Events.features(dir, MODEL, sparse(",\"encoding\":\"hex\"")));
  }

  @Test
  void readsAVocabularyFileOneWordALine() throws Exception {
    Files.writeString(dir.resolve("words.txt"), "rot\ngrün\n\nblau");
    FeaturesConfig config =
        Events.features(
            dir, MODEL, sparse(",\"encoding\":\"vocabulary\",\"vocabulary_file\":\"words.txt\""));
    assertThat(config.sparse().get(0).encoding())
        .isEqualTo(new Encoding.Vocabulary(List.of("rot", "grün", "", "blau")));
  }
}
