package io.github.flinkdeepfm.model.serving;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServingModelTest {
  @TempDir Path directory;

  /** Two billion columns were made before anyone looked whether the weights are that wide. */
  @Test
  void aClaimedWidthIsHeldAgainstTheFileBeforeColumnsAreMade() throws Exception {
    copy("docstring_deepfm");
    Path config = directory.resolve("model.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("\"num_dense_features\": 100", "\"num_dense_features\": 2147483639")
            .replace("\"hidden_layer_size\": 20", "\"hidden_layer_size\": 1"));
    assertThatThrownBy(() -> ServingModel.open(directory))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("dense_arch.model.0.weight: expected F32 [1, 2147483639]");
  }

  @Test
  void aCollectionHasNothingToScoreWith() throws Exception {
    copy("shared_feature_ebc");
    assertThatThrownBy(() -> ServingModel.open(directory))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected a SimpleDeepFMNN to score, got EMBEDDING_BAG_COLLECTION");
  }

  private void copy(String golden) throws Exception {
    Path from = Path.of(getClass().getResource("/golden/" + golden).toURI());
    for (String file : new String[] {"model.json", "model.safetensors"}) {
      Files.copy(from.resolve(file), directory.resolve(file));
    }
  }
}
