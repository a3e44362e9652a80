package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.device.Device;
import io.github.flinkdeepfm.model.device.DeviceFailureException;
import io.github.flinkdeepfm.model.device.DeviceMemoryException;
import io.github.flinkdeepfm.model.serving.EncodingCheck;
import io.github.flinkdeepfm.model.serving.ParityCheck;
import io.github.flinkdeepfm.model.serving.ParityReport;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import io.github.flinkdeepfm.operators.storage.ModelCache;
import io.github.flinkdeepfm.operators.storage.ModelCaches;
import io.github.flinkdeepfm.operators.storage.VersionChain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.flink.util.IOUtils;

/**
 * Brings versions of a root into this process: copied, checked and loaded once, whatever the number
 * of slots that ask.
 */
final class VersionLoader implements AutoCloseable {
  private final ModelStore store;
  private final RefreshSettings settings;
  private final ModelCaches.Use copies;
  private final Optional<Device> device;

  /**
   * @param cacheParent where copies go if the settings name no directory
   */
  VersionLoader(ModelStore store, RefreshSettings settings, Path cacheParent) throws IOException {
    this(store, settings, cacheParent, Optional.empty());
  }

  /**
   * @param device where versions are brought to; empty for the host
   */
  VersionLoader(
      ModelStore store, RefreshSettings settings, Path cacheParent, Optional<Device> device)
      throws IOException {
    this.store = store;
    this.device = device;
    this.settings = settings;
    Path parent = settings.cacheDir() == null ? cacheParent : Path.of(settings.cacheDir());
    this.copies = store.caches().open(settings, parent.toAbsolutePath());
  }

  /**
   * What the root has under a name; see {@link ModelCache#find}.
   *
   * @throws RefusedVersionException INCOMPLETE or MISSING_BASE if the root answers that the version
   *     or one of its bases is gone; STORAGE if it does not answer and there is no copy
   */
  VersionChain find(String version) {
    try {
      return copies.cache().find(version);
    } catch (IOException e) {
      throw new RefusedVersionException(RefusalReason.STORAGE, version + ": " + e, e);
    }
  }

  /**
   * As {@link #find(String)}, if the root still has what the coordinator has checked.
   *
   * @param manifest SHA-256 of its manifest, in hexadecimal
   * @throws RefusedVersionException STORAGE, too, if another manifest stands under the name now:
   *     what becomes of it is for the coordinator to say
   */
  VersionChain find(String version, String manifest) {
    VersionChain chain = find(version);
    if (!chain.manifestSha256().equals(manifest)) {
      throw new RefusedVersionException(
          RefusalReason.STORAGE,
          "%s: expected the manifest with SHA-256 %s, got %s: published again meanwhile?"
              .formatted(version, manifest, chain.manifestSha256()));
    }
    return chain;
  }

  /** As {@link #load(VersionChain, Optional)} of what {@link #find} finds. */
  ModelStore.Lease load(String version, Optional<ServingModel> donor) {
    return load(find(version), donor);
  }

  /**
   * The version, loaded. Blocks.
   *
   * @param donor an open model with which it may share files
   * @throws RefusedVersionException if it must not or cannot be used
   * @throws CancellationException if the thread is interrupted, whose flag stays set
   */
  ModelStore.Lease load(VersionChain chain, Optional<ServingModel> donor) {
    return store.acquire(copies.cache().identity(chain), device, () -> open(chain, donor));
  }

  private ModelStore.Loaded open(VersionChain chain, Optional<ServingModel> donor)
      throws InterruptedException {
    Deque<AutoCloseable> held = new ArrayDeque<>();
    try {
      ModelCaches.Use use = copies.share();
      held.push(use);
      ModelCache.Copy copy = fetch(use.cache(), chain);
      held.push(copy);
      ModelDirectory directory = ModelDirectory.open(copy.directory(), copy.directories());
      MemoryBudget.Claim memory =
          store.memory().claim(chain.version(), directory.footprint(), settings.memoryBytes());
      held.push(memory);
      ServingModel model = ServingModel.open(directory, donor, device);
      held.push(model);
      memory.loaded();
      check(directory, model);
      held.pop();
      return new ModelStore.Loaded(model, () -> IOUtils.closeAll(held));
    } catch (RuntimeException | Error | InterruptedException e) {
      IOUtils.closeAllQuietly(held);
      if (e instanceof RuntimeException exception) {
        throw refusal(chain, exception);
      }
      if (e instanceof OutOfMemoryError) {
        throw new RefusedVersionException(
            RefusalReason.NO_SPACE,
            chain.version() + ": expected memory for it beside the active version, got " + e,
            e);
      }
      throw e;
    }
  }

  private static ModelCache.Copy fetch(ModelCache cache, VersionChain chain)
      throws InterruptedException {
    try {
      return cache.fetch(chain);
    } catch (IOException e) {
      throw new RefusedVersionException(RefusalReason.STORAGE, chain.version() + ": " + e, e);
    }
  }

  private static RefusedVersionException refusal(VersionChain chain, RuntimeException e) {
    if (e instanceof RefusedVersionException refused) {
      return refused;
    }
    if (e instanceof DeviceMemoryException || e instanceof DeviceFailureException) {
      return new RefusedVersionException(
          e instanceof DeviceMemoryException ? RefusalReason.NO_SPACE : RefusalReason.DEVICE,
          chain.version() + ": " + e.getMessage(),
          e);
    }
    return new RefusedVersionException(
        RefusalReason.INVALID,
        e instanceof InvalidModelException || e instanceof InvalidConfigurationException
            ? e.getMessage()
            : chain.version() + ": " + e,
        e);
  }

  private static void check(ModelDirectory directory, ServingModel model) {
    model
        .weights()
        .findNotFinite()
        .ifPresent(
            found -> {
              throw new RefusedVersionException(RefusalReason.NOT_FINITE, found);
            });
    requirePassed(directory, ParityCheck.run(directory, model));
    requirePassed(directory, EncodingCheck.run(directory.path(), model));
  }

  private static void requirePassed(ModelDirectory directory, Optional<ParityReport> report) {
    report
        .filter(r -> !r.passed())
        .ifPresent(
            r -> {
              throw new RefusedVersionException(
                  RefusalReason.PARITY,
                  "%s: parity sample: expected every output within tolerance, got %s"
                      .formatted(
                          directory.path(), r.rows().stream().filter(x -> !x.passed()).toList()));
            });
  }

  /** Versions that were loaded stay as they are. */
  @Override
  public void close() {
    copies.close();
  }
}
