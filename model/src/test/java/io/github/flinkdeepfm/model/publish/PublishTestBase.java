package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelRoot;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A root, sources beside it, and publishers that do not run parity samples. */
abstract class PublishTestBase {
  static final RootLock.Timing PATIENT =
      new RootLock.Timing(Duration.ofMinutes(1), Duration.ofMinutes(1));

  /** No samples are run. */
  static final ModelChecks NO_SAMPLES =
      new ModelChecks(directory -> Optional.empty(), directory -> Optional.empty());

  @TempDir Path folder;
  Path root;
  ModelStorage storage;
  ModelPublisher publisher;

  @BeforeEach
  void createPublisher() {
    root = folder.resolve("root");
    storage = new LocalModelStorage(root);
    publisher = publisher(storage, PATIENT);
  }

  static ModelPublisher publisher(ModelStorage storage, RootLock.Timing timing) {
    return new ModelPublisher(storage, NO_SAMPLES, timing, Duration.ZERO, Clock.systemUTC());
  }

  List<String> versions() {
    ModelRoot.Listing listing = new ModelRoot(root).list();
    if (!listing.refused().isEmpty()) {
      throw new AssertionError(listing.refused());
    }
    return listing.versions().stream().map(Manifest::version).toList();
  }

  ModelDirectory open(String version) {
    return ModelDirectory.open(root.resolve(version));
  }

  /** Bits of all dense parameters and rows. */
  static List<Integer> bits(ModelDirectory directory) throws IOException {
    List<Integer> bits = new ArrayList<>();
    directory.verifyChecksums();
    try (ModelWeights weights = directory.load()) {
      for (StateDict.Entry entry : StateDict.dense(directory.config())) {
        for (float value : weights.dense(entry.name())) {
          bits.add(Float.floatToRawIntBits(value));
        }
      }
      for (EmbeddingTable table : weights.tables()) {
        float[] row = new float[table.dim()];
        for (long r = 0; r < table.rows(); r++) {
          table.readRow(r, row, 0);
          for (float value : row) {
            bits.add(Float.floatToRawIntBits(value));
          }
        }
      }
    }
    return bits;
  }
}
