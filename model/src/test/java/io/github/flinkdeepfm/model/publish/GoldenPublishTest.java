package io.github.flinkdeepfm.model.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsFile;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Publishes models of TorchRec with the checks that users get. */
class GoldenPublishTest extends PublishTestBase {

  @Test
  void modelWhoseSampleAgreesIsPublishedWithItsSample() throws Exception {
    ModelPublisher checking = new ModelPublisher(storage, ModelChecks.standard());

    Publication published = checking.publish(golden("docstring_deepfm"), PublishOptions.DEFAULT);

    assertThat(published.notes()).containsExactly("encoding unverified");
    assertThat(root.resolve("000001/expected.safetensors")).exists();
    assertThat(ModelChecks.standard().model().apply(open("000001")).orElseThrow().passed())
        .isTrue();
  }

  @Test
  void modelWhoseSampleDisagreesIsNotPublished() throws Exception {
    Path model = golden("docstring_deepfm");
    Path expected = model.resolve("expected.safetensors");
    float[] scores;
    try (SafetensorsFile file = SafetensorsFile.open(expected)) {
      scores = file.readFloats("scores");
    }
    scores[0] += 0.001f;
    new SafetensorsWriter().put("scores", scores, scores.length, 1).write(expected);

    assertThatThrownBy(
            () ->
                new ModelPublisher(storage, ModelChecks.standard())
                    .publish(model, PublishOptions.DEFAULT))
        .isInstanceOf(ModelCheckException.class)
        .hasMessageContaining("scores");
    assertThat(versions()).isEmpty();
  }

  @Test
  void featuresThatCannotBeReadAreRefused() throws Exception {
    Path model = golden("docstring_deepfm");
    Files.writeString(model.resolve("features.json"), "{\"dense\":[]}");

    assertThatThrownBy(
            () ->
                new ModelPublisher(storage, ModelChecks.standard())
                    .publish(model, PublishOptions.DEFAULT))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("features.json");
  }

  @Test
  void collectionThatNoJobCanScoreIsRefused() throws Exception {
    Path model = golden("shared_feature_ebc");

    assertThatThrownBy(() -> publisher.publish(model, PublishOptions.DEFAULT))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected a SimpleDeepFMNN, got an EmbeddingBagCollection");
  }

  @Test
  void scoresOfACompactedVersionHaveTheBitsOfTheChain() throws Exception {
    ModelPublisher checking = new ModelPublisher(storage, ModelChecks.standard());
    Path model = golden("fp16");
    checking.publish(model, PublishOptions.DEFAULT);
    checking.publish(model, PublishOptions.DEFAULT.withBase("000001"));

    checking.compact("000002", PublishOptions.DEFAULT);

    assertThat(ModelChecks.standard().model().apply(open("000003")))
        .isEqualTo(ModelChecks.standard().model().apply(open("000002")))
        .isNotEqualTo(Optional.empty());
    assertThat(bits(open("000003"))).isEqualTo(bits(open("000001")));
  }

  /** A copy of a model under src/test/resources/golden. */
  private Path golden(String name) throws IOException, URISyntaxException {
    Path copy = Files.createDirectories(folder.resolve(name));
    Path source = Path.of(GoldenPublishTest.class.getResource("/golden/" + name).toURI());
    for (String file : new LocalModelStorage(source).list("")) {
      Files.copy(source.resolve(file), copy.resolve(file));
    }
    return copy;
  }
}
