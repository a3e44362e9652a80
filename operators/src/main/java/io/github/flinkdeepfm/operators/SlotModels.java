package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.device.Device;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import io.github.flinkdeepfm.operators.storage.InterruptibleTask;
import io.github.flinkdeepfm.operators.storage.VersionChain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of one slot: loads the one that it starts with, and makes others ready beside it. All
 * calls come from the slot's thread; the work is done elsewhere, so that a task that is cancelled
 * does not wait for a slow download.
 */
final class SlotModels<E> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SlotModels.class);

  private final ModelStore store;
  private final EventKind<E, ?, ?> kind;
  private final ScoringSettings settings;
  private final Path temporary;
  private final Optional<Device> device;
  private VersionLoader loader;
  private InterruptibleTask preparing = new InterruptibleTask(() -> {});

  /** The version that a slot starts with, which may be another than its state names. */
  record Start(String version, ModelStore.Lease lease) {}

  private record Opened(Optional<VersionLoader> loader, Start start) {
    void close() {
      start.lease().close();
      loader.ifPresent(VersionLoader::close);
    }
  }

  /**
   * @param temporary where copies go if the settings name no directory
   */
  SlotModels(ModelStore store, EventKind<E, ?, ?> kind, ScoringSettings settings, Path temporary) {
    this(store, kind, settings, temporary, Optional.empty());
  }

  /**
   * @param device the slot's; empty for the host
   */
  SlotModels(
      ModelStore store,
      EventKind<E, ?, ?> kind,
      ScoringSettings settings,
      Path temporary,
      Optional<Device> device) {
    this.kind = kind;
    this.device = device;
    this.store = store;
    this.settings = settings;
    this.temporary = temporary;
  }

  /**
   * Loads the version to start with. Blocks.
   *
   * @throws RefusedVersionException if it cannot be loaded, or is gone and may not be replaced
   */
  Start open(String version) throws Exception {
    CompletableFuture<Opened> opening = new CompletableFuture<>();
    InterruptibleTask task =
        store
            .threads()
            .start(
                () -> settings.refresh() == null ? openFixed(version) : openFollowing(version),
                opening);
    try {
      Opened opened = opening.get();
      loader = opened.loader().orElse(null);
      return opened.start();
    } catch (InterruptedException e) {
      task.cancel();
      var unused = opening.thenAccept(Opened::close);
      throw e;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private Opened openFixed(String version) {
    return new Opened(
        Optional.empty(), new Start(version, store.acquire(settings.directoryOf(version), device)));
  }

  private Opened openFollowing(String version) throws IOException {
    VersionLoader made = new VersionLoader(store, settings.refresh(), temporary, device);
    try {
      return new Opened(Optional.of(made), start(made, version));
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  /** Whether a version is gone the root says, not a cache: all subtasks decide alike. */
  private Start start(VersionLoader from, String version) {
    VersionChain chain;
    try {
      chain = from.find(version);
    } catch (RefusedVersionException e) {
      if (e.reason() != RefusalReason.INCOMPLETE && e.reason() != RefusalReason.MISSING_BASE) {
        throw cannotStart(version, e);
      }
      if (!settings.startsInsteadOf(version)) {
        throw gone(version, e);
      }
      LOG.warn(
          "model {} of the restored state is gone, model {} goes on: {}",
          version,
          settings.modelVersion(),
          e.getMessage());
      return start(from, settings.modelVersion());
    }
    try {
      return new Start(version, from.load(chain, Optional.empty()));
    } catch (RefusedVersionException e) {
      throw cannotStart(version, e);
    }
  }

  private RefusedVersionException cannotStart(String version, RefusedVersionException e) {
    return new RefusedVersionException(
        e.reason(),
        "model %s of %s, which the job starts with, cannot be loaded: %s"
            .formatted(version, settings.refresh().root(), e.getMessage()),
        e);
  }

  private RefusedVersionException gone(String version, RefusedVersionException e) {
    return new RefusedVersionException(
        e.reason(),
        "expected model %s, which the job starts with, under %s, got none that is whole (%s);"
                .formatted(version, settings.refresh().root(), e.getMessage())
            + " model.on_missing: newest starts with the version that is newest when the job is"
            + " submitted, --model-version V with one that you name",
        e);
  }

  /**
   * Makes a version ready beside the active one.
   *
   * @param manifest SHA-256 of the manifest that is meant, in hexadecimal
   * @param active a claim of the caller's
   * @param trial what it is tried with
   * @return fails with a {@link RefusedVersionException} if the version must not be used
   */
  CompletableFuture<PreparedModel<E>> prepare(
      String version, String manifest, ModelStore.Lease active, Trial<E> trial) {
    ModelPreparation<E> preparation = new ModelPreparation<>(kind, settings, loader);
    ModelStore.Lease claim = active.share();
    CompletableFuture<PreparedModel<E>> prepared = new CompletableFuture<>();
    preparing =
        store
            .threads()
            .start(
                () -> {
                  try (claim) {
                    return preparation.prepare(version, manifest, claim, trial);
                  }
                },
                prepared);
    return prepared;
  }

  /** Ends what is being prepared, if anything is. */
  void abandon() {
    preparing.cancel();
  }

  @Override
  public void close() {
    if (loader != null) {
      loader.close();
    }
  }
}
