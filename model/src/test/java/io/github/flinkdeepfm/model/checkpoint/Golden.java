package io.github.flinkdeepfm.model.checkpoint;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** Directories under src/test/resources/golden: models, inputs and outputs of TorchRec. */
final class Golden {
  private Golden() {}

  static Path directory(String golden) {
    try {
      return Path.of(Golden.class.getResource("/golden/" + golden).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
