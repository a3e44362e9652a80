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

  private record Reading(long heap, long anonymous, long mapped) {}

  /**
   * @param first a delta
   * @param last a delta some versions further along its chain
   */
  static OverlayCost measure(Path root, int first, int last) throws IOException {
    ServingModel model = ServingModel.open(root.resolve(SoakModel.name(first)));
    try {
      model.weights().findNotFinite();
      Reading before = read(root);
      for (int version = first + 1; version <= last; version++) {
        ModelDirectory directory = ModelDirectory.open(root.resolve(SoakModel.name(version)));
        ServingModel next = ServingModel.open(directory, Optional.of(model));
        next.weights().findNotFinite();
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
