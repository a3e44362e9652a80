package io.github.flinkdeepfm.pipeline.refresh;

import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.serving.ServingModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What one more delta costs in memory, without a job around it: heap in use after a collection (the
 * heap's pages are resident from the start), resident memory outside of it, and bytes mapped. Each
 * model replaces the one before, as in a job.
 *
 * @param bytes per delta, all three together
 * @param heap per delta
 * @param anonymous per delta
 * @param mapped per delta
 */
record OverlayCost(long bytes, long heap, long anonymous, long mapped) {

  /** Passes before the one that counts: class loading and compilation take memory, too. */
  private static final int WARM_UPS = 3;

  private record Reading(long heap, long anonymous, long mapped) {}

  /**
   * @param first a delta
   * @param last a delta some versions further along its chain
   */
  static OverlayCost measure(Path root, int first, int last) throws IOException {
    for (int i = 0; i < WARM_UPS; i++) {
      pass(root, first, last);
    }
    return pass(root, first, last);
  }

  private static OverlayCost pass(Path root, int first, int last) throws IOException {
    ServingModel model = open(root, first, Optional.empty());
    try {
      Reading before = read(root);
      for (int version = first + 1; version <= last; version++) {
        ServingModel next = open(root, version, Optional.of(model));
        model.close();
        model = next;
      }
      Reading after = read(root);
      int deltas = last - first;
      long heap = (after.heap - before.heap) / deltas;
      long anonymous = (after.anonymous - before.anonymous) / deltas;
      long mapped = (after.mapped - before.mapped) / deltas;
      return new OverlayCost(heap + anonymous + mapped, heap, anonymous, mapped);
    } finally {
      model.close();
    }
  }

  /** Opens a version and reads all rows that it does not share. */
  private static ServingModel open(Path root, int version, Optional<ServingModel> donor) {
    ModelDirectory directory = ModelDirectory.open(root.resolve(SoakModel.name(version)));
    ServingModel model = ServingModel.open(directory, donor);
    Optional<String> notFinite = model.weights().findNotFinite();
    if (notFinite.isPresent()) {
      throw new IllegalStateException(notFinite.get());
    }
    return model;
  }

  private static Reading read(Path root) throws IOException {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    ProcessMemory memory = ProcessMemory.read(root);
    return new Reading(
        runtime.totalMemory() - runtime.freeMemory(), memory.anonymous(), memory.mapped());
  }
}
