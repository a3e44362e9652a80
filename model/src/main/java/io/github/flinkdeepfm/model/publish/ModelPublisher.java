package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.ControlFile;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelRoot;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Puts versions of a model under a model root:
 *
 * <pre>{@code
 * ModelPublisher publisher = new ModelPublisher(new LocalModelStorage(root), ModelChecks.standard());
 * Publication full = publisher.publish(directory, PublishOptions.DEFAULT);
 * Publication delta = publisher.publish(next, PublishOptions.DEFAULT.withBase("000001"));
 * }</pre>
 *
 * <p>Announce last: the model is checked, copied, and only then gets the manifest by which others
 * see it. Any number of publishers may work on one root; they take turns (see {@link RootLock}). A
 * publisher that fails removes what it wrote; one that crashes leaves a directory that nobody sees
 * and that a later publisher removes.
 *
 * <p>All methods block, throw {@link IOException} if the storage fails (a full disk, say), {@link
 * InvalidModelException} or {@link InvalidConfigurationException} if the request or a file is
 * wrong, and {@link ModelCheckException} if the model fails a check; then nothing is visible.
 */
public final class ModelPublisher {
  /** How long after its last write an unfinished directory is taken for abandoned. */
  static final Duration GRACE = Duration.ofMinutes(10);

  private static final Set<String> RESERVED = Set.of(ModelRoot.CONTROL, PublishedVersions.IN_USE);

  private final ModelStorage storage;
  private final ModelValidation validation;
  private final RootLock.Timing timing;
  private final Duration grace;
  private final Clock clock;
  private final PublishedVersions versions;
  private final LocalVersions localVersions;
  private final Leftovers leftovers;

  public ModelPublisher(ModelStorage storage, ModelChecks checks) {
    this(storage, checks, RootLock.Timing.DEFAULT, GRACE, Clock.systemUTC());
  }

  ModelPublisher(
      ModelStorage storage,
      ModelChecks checks,
      RootLock.Timing timing,
      Duration grace,
      Clock clock) {
    this.storage = storage;
    this.validation = new ModelValidation(checks);
    this.timing = timing;
    this.grace = grace;
    this.clock = clock;
    this.versions = new PublishedVersions(storage);
    this.localVersions = new LocalVersions(storage);
    this.leftovers = new Leftovers(storage);
  }

  /**
   * Publishes a model directory, full or delta, with or without a manifest, as a full version or as
   * a delta. Needs no memory in the order of the tables; a base that is not on a local disk is
   * copied to the temporary directory.
   */
  public Publication publish(Path modelDir, PublishOptions options)
      throws IOException, InterruptedException {
    if (options.version().isPresent()) {
      checkName(options.version().get()); // Before the long checks; again under the lock.
    }
    ModelDirectory source = ModelDirectory.open(modelDir);
    SourceFiles files = new SourceFiles(source);
    source.verifyChecksums();
    try (ModelWeights weights = source.load()) {
      ModelValidation.Verified verified = validation.check(source, weights);
      try (RootLock lock = RootLock.acquire(storage, timing)) {
        return write(new Source(source, files, weights, verified), options, Optional.empty(), lock);
      }
    }
  }

  /**
   * Publishes a delta and its bases as one full version, whose rows and parameters have the same
   * bits. Its {@code created_at} is right after the delta's, so that it is newer than the delta and
   * older than what was published since: jobs that use the newest version see the same bits before
   * and after. Retention counts its age from there, too.
   *
   * @param version a delta
   * @param options without a base
   */
  public Publication compact(String version, PublishOptions options)
      throws IOException, InterruptedException {
    if (options.base().isPresent()) {
      throw new IllegalArgumentException("expected no base, got " + options.base().get());
    }
    try (RootLock lock = RootLock.acquire(storage, timing);
        TemporaryDirectory cache = new TemporaryDirectory()) {
      ModelDirectory source = localVersions.open(version, cache.path());
      if (source.base().isEmpty()) {
        throw new InvalidModelException(
            source.path() + ": expected a delta to compact, got a full version");
      }
      SourceFiles files = new SourceFiles(source);
      source.verifyChecksums();
      try (ModelWeights weights = source.load()) {
        ModelValidation.Verified verified = validation.check(source, weights);
        return write(
            new Source(source, files, weights, verified), options, Optional.of(version), lock);
      }
    }
  }

  /**
   * Makes all jobs use this version until {@link #unpin}. Does not wait for other publishers, so
   * that a rollback takes effect at once.
   */
  public void pin(String version) throws IOException {
    checkPublished(version);
    control(Optional.of(version));
    checkPublished(version); // Retention that read the old pin may have removed it.
  }

  /** Makes all jobs use the newest version again. */
  public void unpin() throws IOException {
    control(Optional.empty());
  }

  /** Removes the versions that the rule does not keep, and returns them. */
  public List<String> retain(Retention retention) throws IOException, InterruptedException {
    try (RootLock lock = RootLock.acquire(storage, timing)) {
      leftovers.clean(clock.instant().minus(grace));
      List<Manifest> listed = versions.listAllRead().versions();
      List<String> removed = new ArrayList<>();
      for (String version : expired(retention, listed)) {
        lock.check();
        // Asked again each time: a pin does not wait for the lock.
        if (expired(retention, listed).contains(version)) {
          leftovers.remove(version);
          removed.add(version);
        }
      }
      return removed;
    }
  }

  private List<String> expired(Retention retention, List<Manifest> listed) throws IOException {
    Set<String> inUse = new HashSet<>(versions.inUse());
    versions.pin().ifPresent(inUse::add);
    return retention.expired(listed, inUse, clock.instant());
  }

  private record Source(
      ModelDirectory directory,
      SourceFiles files,
      ModelWeights weights,
      ModelValidation.Verified verified) {}

  private Publication write(
      Source source, PublishOptions options, Optional<String> compactedFrom, RootLock lock)
      throws IOException {
    leftovers.clean(clock.instant().minus(grace));
    String version =
        options.version().isPresent() ? options.version().get() : versions.nextNumber();
    checkName(version);
    checkFree(version);
    if (options.base().isEmpty()) {
      return writeVersion(source, version, options, compactedFrom, lock, Optional.empty());
    }
    try (TemporaryDirectory cache = new TemporaryDirectory()) {
      ModelDirectory base = localVersions.open(options.base().get(), cache.path());
      if (options.orFull() && base.deltas() >= ModelDirectory.MAX_DELTAS) {
        return writeVersion(source, version, options, compactedFrom, lock, Optional.empty());
      }
      DeltaBase.check(base, source.directory(), source.files().hasFeatures());
      base.verifyChecksums();
      try (ModelWeights baseWeights = base.load()) {
        DeltaTensors delta = DeltaTensors.between(source.weights(), baseWeights);
        boolean full =
            options.orFull() && delta.bytes() >= FullTensors.of(source.weights()).bytes();
        return writeVersion(
            source,
            version,
            options,
            compactedFrom,
            lock,
            full ? Optional.empty() : Optional.of(delta));
      }
    }
  }

  private Publication writeVersion(
      Source source,
      String version,
      PublishOptions options,
      Optional<String> compactedFrom,
      RootLock lock,
      Optional<DeltaTensors> delta)
      throws IOException {
    Instant now = clock.instant();
    List<Manifest> others = versions.list().versions();
    Instant createdAt =
        compactedFrom.isPresent()
            ? CreationTime.rightAfter(compactedFrom.get(), others)
            : CreationTime.afterAll(others, now);
    var provenance = Provenance.of(options.provenance(), source.directory(), compactedFrom, now);
    boolean announced = false;
    VersionWriter writer = VersionWriter.begin(storage, lock, version);
    try {
      for (Path file : source.files().documents()) {
        writer.copy(file);
      }
      if (delta.isPresent()) {
        writer.write(ModelDirectory.DELTA, delta.get().writer());
      } else if (source.directory().base().isPresent()) {
        writer.write(ModelDirectory.TENSORS, FullTensors.of(source.weights()));
      } else {
        for (Path file : source.directory().tensorFiles()) {
          writer.copy(file);
        }
      }
      source.files().checkUnchanged();
      Manifest manifest =
          new Manifest(
              version,
              delta.isPresent() ? Manifest.Kind.DELTA : Manifest.Kind.FULL,
              delta.isPresent() ? options.base() : Optional.empty(),
              createdAt,
              writer.files(),
              provenance);
      writer.announce(manifest);
      announced = true;
      long rows = source.weights().tables().stream().mapToLong(table -> table.rows()).sum();
      return new Publication(
          manifest,
          delta.map(DeltaTensors::rowsChanged).orElse(rows),
          rows,
          source.verified().model(),
          source.verified().encoding());
    } finally {
      if (!announced) {
        removePartial(version, lock);
      }
    }
  }

  private void removePartial(String version, RootLock lock) {
    try {
      lock.check();
      // The announcement itself may have failed after it took effect: then the version is whole.
      if (!versions.exists(version)) {
        leftovers.removeMarked(version);
      }
    } catch (IOException e) {
      // The marker is there: a later publisher removes the directory.
    }
  }

  private void checkPublished(String version) throws IOException {
    if (!versions.exists(version)) {
      throw new InvalidModelException(
          storage.location() + ": expected a published version to pin, got " + version);
    }
  }

  private void checkName(String version) throws IOException {
    if (!Manifest.isVersion(version) || RESERVED.contains(version)) {
      throw new InvalidModelException(
          "expected a version of at most 128 letters, digits, '.', '_', '-', the first a letter or"
              + " digit, and none of "
              + RESERVED
              + ", got "
              + version);
    }
    if (versions.exists(version)) {
      throw new InvalidModelException(
          storage.location() + ": expected a new version, got " + version + ", which exists");
    }
  }

  private void checkFree(String version) throws IOException {
    if (storage.exists(version + "/" + VersionWriter.MARKER)) {
      throw new InvalidModelException(
          storage.location()
              + ": expected a new version, got "
              + version
              + ", which a publisher began and has not finished; if it crashed, the next publish"
              + " after "
              + grace
              + " without a write removes it");
    }
    if (!storage.list(version).isEmpty()) {
      throw new InvalidModelException(
          storage.location()
              + ": expected a new version, got "
              + version
              + ", which exists without a manifest and is not of this publisher's making");
    }
  }

  private void control(Optional<String> pin) throws IOException {
    storage.announce(ModelRoot.CONTROL, ControlFile.toJson(pin).getBytes(StandardCharsets.UTF_8));
  }
}
