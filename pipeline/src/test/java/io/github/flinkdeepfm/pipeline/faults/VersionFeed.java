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
  private static final int FILES = 500_000;

  private int last;

  /** What the next delta applies to. */
  private int base;

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
    base = last;
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
        model.writeDelta(version, base);
      }
      last = version;
      base = version;
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    }
  }

  /** The version published last. */
  synchronized String last() {
    return SoakModel.name(last);
  }

  /** Publishes a version whose every logit is 9 too high, and no other until {@link #goOn}. */
  synchronized String publishBiased() throws IOException {
    away = true;
    model.writeBiased(++last, 9);
    return SoakModel.name(last);
  }

  synchronized void goOn() {
    away = false;
  }

  /** Puts versions into the root whose manifests are beyond all bounds. */
  void poison() throws IOException {
    String head =
        "{\"format\":1,\"version\":\"%s\",\"kind\":\"full\",\"created_at\":\"%s\",\"files\":[";
    announce("far", head.formatted("far", "+999999999-01-01T00:00:00Z") + "]}");
    StringBuilder large = new StringBuilder(head.formatted("large", "2026-01-01T00:00:00Z"));
    for (int i = 0; i < FILES; i++) {
      large.append(i == 0 ? "" : ",");
      large.append("{\"name\":\"file-%06d\",\"size\":1,\"sha256\":\"%064x\"}".formatted(i, i));
    }
    announce("large", large.append("]}").toString());
  }

  private void announce(String version, String manifest) throws IOException {
    Path directory = Files.createDirectories(root.resolve(version));
    Files.writeString(directory.resolve("manifest.json"), manifest);
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
