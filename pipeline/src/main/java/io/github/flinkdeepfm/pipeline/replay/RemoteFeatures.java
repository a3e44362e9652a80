package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigReader;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.FeaturesConfigReader;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.flink.util.FileUtils;

/** Reads features.json of a version that is on no mounted file system. */
final class RemoteFeatures {
  private static final String FEATURES = "features.json";
  private static final String TENSORS = ".safetensors";

  private RemoteFeatures() {}

  /** Of the version, or of the nearest base that has one: a delta has its base's. */
  static FeaturesConfig read(ModelStorage storage, PublishedVersions versions, String version)
      throws IOException {
    Path folder = Files.createTempDirectory("flink-deepfm-features");
    try {
      Optional<String> next = Optional.of(version);
      while (next.isPresent()
          && !(Files.exists(folder.resolve(FEATURES))
              && Files.exists(folder.resolve(ModelDirectory.MODEL)))) {
        Manifest manifest = versions.manifest(next.get());
        for (Manifest.FileEntry file : manifest.files()) {
          Path copy = folder.resolve(file.name());
          if (!file.name().endsWith(TENSORS) && !Files.exists(copy)) {
            try (InputStream in = storage.open(next.get() + "/" + file.name())) {
              Files.copy(in, copy);
            }
          }
        }
        next = manifest.base();
      }
      return FeaturesConfigReader.read(
          folder, ModelConfigReader.read(folder.resolve(ModelDirectory.MODEL)));
    } finally {
      FileUtils.deleteDirectoryQuietly(folder.toFile());
    }
  }
}
