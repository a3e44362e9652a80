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
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Brings versions of a root into this process: copied, checked and loaded once, whatever the number
 * of slots that ask.
 */
final class VersionLoader {
  private final ModelStore store;
  private final ModelCache cache;
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
    Path parent = settings.cacheDir() == null ? cacheParent : Path.of(settings.cacheDir());
    this.cache = store.cache(settings, parent.toAbsolutePath());
  }

  /**
   * The version, loaded. Blocks.
   *
   * @param donor an open model with which it may share files
   * @throws RefusedVersionException if it must not or cannot be used
   */
  ModelStore.Lease load(String version, Optional<ServingModel> donor) {
    return store.acquire(cache.directoryOf(version), device, () -> open(version, donor));
  }

  private ModelStore.Loaded open(String version, Optional<ServingModel> donor) {
    ModelCache.Copy copy = fetch(version);
    ServingModel model = null;
    try {
      ModelDirectory directory = ModelDirectory.open(copy.directory());
      model = ServingModel.open(directory, donor, device);
      check(directory, model);
      return new ModelStore.Loaded(model, copy);
    } catch (RuntimeException | Error e) { // Native memory that runs out is an Error.
      if (model != null) {
        model.close();
      }
      copy.close();
      if (e instanceof OutOfMemoryError) {
        throw new RefusedVersionException(
            RefusalReason.NO_SPACE,
            copy.directory() + ": expected memory for it beside the active version, got " + e,
            e);
      }
      if (e instanceof DeviceMemoryException) {
        throw new RefusedVersionException(
            RefusalReason.NO_SPACE, copy.directory() + ": " + e.getMessage(), e);
      }
      if (e instanceof DeviceFailureException) {
        throw new RefusedVersionException(
            RefusalReason.DEVICE, copy.directory() + ": " + e.getMessage(), e);
      }
      if (e instanceof Error error) {
        throw error;
      }
      throw e instanceof RefusedVersionException refused
          ? refused
          : new RefusedVersionException(
              RefusalReason.INVALID,
              e instanceof InvalidModelException || e instanceof InvalidConfigurationException
                  ? e.getMessage()
                  : copy.directory() + ": " + e,
              e);
    }
  }

  private ModelCache.Copy fetch(String version) {
    try {
      return cache.fetch(version);
    } catch (IOException e) {
      throw new RefusedVersionException(RefusalReason.STORAGE, version + ": " + e, e);
    }
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
}
