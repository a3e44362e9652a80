package io.github.flinkdeepfm.pipeline.faults;

import io.github.flinkdeepfm.pipeline.refresh.SoakModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Publishes a version every few seconds, mostly deltas, while its root is there. */
final class VersionFeed implements AutoCloseable {
  private static final int FULL_EVERY = 4;

  private final Path root;
  private final SoakModel model;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private int last;
  private boolean away;

  /**
   * The first version is there when this returns.
   *
   * @param root must not be there
   */
  VersionFeed(Path root, SoakModel model) throws IOException {
    this.root = root;
    this.model = model;
    model.writeFull(++last);
  }

  void every(long millis) {
    var unused = timer.scheduleAtFixedRate(this::next, millis, millis, TimeUnit.MILLISECONDS);
  }

  private synchronized void next() {
    if (away) {
      return;
    }
    try {
      int version = last + 1;
      if (version % FULL_EVERY == 1) {
        model.writeFull(version);
      } else {
        model.writeDelta(version, last);
      }
      last = version;
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    }
  }

  /** The version published last. */
  synchronized String last() {
    return SoakModel.name(last);
  }

  /** Renames the root, as an unmounted or replaced volume would vanish. */
  synchronized void vanish() throws IOException {
    Files.move(root, aside());
    away = true;
  }

  synchronized void comeBack() throws IOException {
    Files.move(aside(), root);
    away = false;
  }

  private Path aside() {
    return root.resolveSibling(root.getFileName() + "-away");
  }

  @Override
  public void close() {
    timer.shutdownNow();
    if (failure.get() != null) {
      throw new AssertionError("a version could not be published", failure.get());
    }
  }
}
