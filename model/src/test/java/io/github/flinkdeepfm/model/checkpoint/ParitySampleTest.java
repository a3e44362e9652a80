package io.github.flinkdeepfm.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParitySampleTest {
  @TempDir Path directory;

  @Test
  void goldenSampleIsReadRight() {
    ParitySample sample =
        ParitySample.read(ModelDirectory.open(Golden.directory("weighted"))).orElseThrow();

    assertThat(sample.keys()).containsExactly("u_a", "u_b", "i_a", "c_a");
    assertThat(sample.batchSize()).isEqualTo(9);
    assertThat(sample.denseFeatures()).hasSize(45).startsWith(1.3833418f);
    assertThat(sample.values()).hasSize(108).startsWith(49, 39, 16);
    assertThat(sample.lengths()).hasSize(36).startsWith(4, 6, 4);
    assertThat(sample.weights().orElseThrow()).hasSize(108).startsWith(-0.23262727f);
    assertThat(sample.expected().get("logits_f64")).startsWith(1.2855167310117923).hasSize(9);
    assertThat(sample.expected().get("kjt.u_a.values")).startsWith(49, 39, 16);
  }

  @Test
  void collectionHasNoDenseFeatures() {
    ParitySample sample =
        ParitySample.read(ModelDirectory.open(Golden.directory("shared_feature_ebc")))
            .orElseThrow();

    assertThat(sample.denseFeatures()).isEmpty();
    assertThat(sample.weights()).isEmpty();
    assertThat(sample.expected()).containsKey("pooled.s@left");
  }

  @Test
  void modelWithoutSampleHasNone() throws IOException {
    assertThat(ParitySample.read(model())).isEmpty();
  }

  @Test
  void partsThatDoNotFitAreRefused() throws IOException {
    ModelDirectory model = model();
    Files.writeString(directory.resolve("input.json"), "{\"keys\":[\"f\",\"g\"],\"batch_size\":2}");
    assertThatThrownBy(() -> ParitySample.read(model))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("got no [input.safetensors, expected.safetensors]");

    new SafetensorsWriter()
        .put("scores", new float[2], 2, 1)
        .write(directory.resolve("expected.safetensors"));
    assertRefused(model, input(3, 1, 1, 1), "lengths: expected 4 of them, got 3 of them");
    assertRefused(model, input(3, 1, 1, -1, 2), "lengths from 0 that sum to 3, got -1 at 2");
    assertRefused(model, input(3, 1, 1, 0, 0), "lengths that sum to 3, got 2");
    assertRefused(model, input(3, 1, 1, 1, 1), "lengths from 0 that sum to 3, got 1 at 3");
    assertRefused(
        model,
        input(3, 1, 1, 1, 0).put("dense_features", new float[3], 3, 1),
        "dense_features: expected shape [2, N], got [3, 1]");
    assertRefused(
        model, input(3, 1, 1, 1, 0).put("weights", new float[2], 2), "weights: expected 3 of them");
  }

  private void assertRefused(ModelDirectory model, SafetensorsWriter input, String fragment)
      throws IOException {
    input.write(directory.resolve("input.safetensors"));
    assertThatThrownBy(() -> ParitySample.read(model))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(fragment);
  }

  private static SafetensorsWriter input(int values, int... lengths) {
    return new SafetensorsWriter()
        .put("values", new long[values], values)
        .put("lengths", lengths, lengths.length);
  }

  private ModelDirectory model() throws IOException {
    return ModelDirectory.open(TestModels.writeBare(directory, 1));
  }
}
