package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.operators.ModelRootUnavailableException;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the version that a job starts with; done once, at submission. */
public final class ModelLocator {
  private static final Logger LOG = LoggerFactory.getLogger(ModelLocator.class);

  private ModelLocator() {}

  /**
   * The version asked for, else the pinned one, else the newest; or the fixed directory. A storage
   * that does not answer is asked again for ten minutes, with a line in the log each time: in
   * application mode a JobManager that takes over comes by here, and must not end for that the job
   * that high availability has restored beside it.
   *
   * @param version overrides {@code model.pin}; only with a model root
   * @throws InvalidModelException if there is no such version or it cannot be loaded
   * @throws ModelRootUnavailableException if the storage does not answer in all that time
   */
  public static ModelLocation locate(JobConfig.Model model, Optional<String> version) {
    if (model.root().isPresent()) {
      String root = model.root().get();
      long timeout = model.refresh().storageTimeout().toMillis();
      return patiently(
          Retries.DEFAULT,
          () -> ModelLocation.inRoot(root, version.or(model::pin), timeout),
          LOG::warn);
    }
    if (version.isPresent()) {
      throw new InvalidModelException(
          "expected model.root for a version to choose, got model.directory and version "
              + version.get());
    }
    return ModelLocation.inDirectory(model.directory().orElseThrow());
  }

  /**
   * Tries until there is an answer.
   *
   * @param progress takes a line before each pause
   */
  static ModelLocation patiently(
      Retries retries, Supplier<ModelLocation> attempt, Consumer<String> progress) {
    long start = System.nanoTime();
    Duration pause = retries.first();
    for (int tries = 1; ; tries++) {
      try {
        return attempt.get();
      } catch (ModelRootUnavailableException e) {
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        if (waited.plus(pause).compareTo(retries.total()) > 0) {
          throw new ModelRootUnavailableException(
              "%s (tried %d times within %d s)"
                  .formatted(e.getMessage(), tries, waited.toSeconds()),
              e);
        }
        progress.accept(
            "%s; asked again in %d s, until %d s have passed (%d so far)"
                .formatted(
                    e.getMessage(),
                    pause.toSeconds(),
                    retries.total().toSeconds(),
                    waited.toSeconds()));
        sleep(pause, e);
        pause = retries.after(pause);
      }
    }
  }

  private static void sleep(Duration pause, ModelRootUnavailableException failure) {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }

  /**
   * A directory with or without a manifest.
   *
   * @throws InvalidModelException if it cannot be loaded
   */
  public static ModelLocation directory(Path directory) {
    return ModelLocation.inDirectory(directory);
  }
}
