package io.github.flinkdeepfm.operators.storage;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ManifestWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * This process's copies of versions of one root, on a local disk. What a model maps is always one
 * of these: a file under the root may change or go, and a mapped file that is cut short crashes the
 * process.
 *
 * <p>Thread-safe. Versions that somebody holds, and their bases, are never removed; others go, the
 * longest unused first, when a new one needs their room.
 */
public final class ModelCache {
  private final ModelStorage storage;
  private final PublishedVersions versions;
  private final CacheDirectory directory;
  private final long maxBytes;
  private final Map<String, Entry> entries = new HashMap<>();
  private final ReentrantLock fetching = new ReentrantLock();
  private long uses;

  private static final class Entry {
    final Manifest manifest;
    final long bytes;
    final Optional<String> base;
    int holders;
    long lastUse;

    Entry(Manifest manifest) {
      this.manifest = manifest;
      this.bytes = manifest.files().stream().mapToLong(Manifest.FileEntry::bytes).sum();
      this.base = manifest.base();
    }
  }

  /** A claim on the copies of a version and its bases; {@link #close} gives it back, once. */
  public final class Copy implements AutoCloseable {
    private final List<String> chain;
    private boolean open = true;

    private Copy(List<String> chain) {
      this.chain = chain;
    }

    /** The version's directory; its bases are beside it. */
    public Path directory() {
      return directoryOf(chain.get(0));
    }

    @Override
    public void close() {
      synchronized (ModelCache.this) {
        if (open) {
          open = false;
          chain.forEach(version -> entries.get(version).holders--);
        }
      }
    }
  }

  /**
   * @param parent where this process makes its own directory
   * @param maxBytes most bytes of copies
   */
  public ModelCache(ModelStorage storage, Path parent, long maxBytes) throws IOException {
    this.storage = storage;
    this.versions = new PublishedVersions(storage);
    this.directory = CacheDirectory.create(parent);
    this.maxBytes = maxBytes;
  }

  /** Where the copy of a version is, or would be. */
  public Path directoryOf(String version) {
    return directory.path().resolve(version);
  }

  /**
   * Copies what is not here yet, comparing sizes and checksums on the way. Blocks; one caller at a
   * time copies.
   *
   * @throws RefusedVersionException if the version cannot be used, or does not fit
   * @throws IOException if the storage or the disk fails
   */
  public Copy fetch(String version) throws IOException {
    forgetIfPublishedAnew(version);
    Optional<Copy> here = held(version);
    if (here.isPresent()) {
      return here.get(); // A rollback does not wait for the download of what it leaves.
    }
    List<String> chain = new ArrayList<>();
    boolean complete = false;
    fetching.lock();
    try {
      Optional<String> next = Optional.of(version);
      while (next.isPresent() && chain.size() <= ModelDirectory.MAX_DELTAS + 1) {
        next = hold(next.get(), chain);
      }
      complete = true;
      return new Copy(chain);
    } finally {
      fetching.unlock();
      if (!complete) {
        new Copy(chain).close();
      }
    }
  }

  /** The copy of a version that was refused must not stand in for a better one of its name. */
  private void forgetIfPublishedAnew(String version) {
    Entry entry;
    synchronized (this) {
      entry = entries.get(version);
    }
    if (entry == null || entry.holders > 0) {
      return;
    }
    try {
      if (!versions.exists(version) || versions.manifest(version).equals(entry.manifest)) {
        return;
      }
    } catch (IOException | InvalidModelException | InvalidConfigurationException e) {
      return; // Storage that is down does not stand in the way of a rollback.
    }
    synchronized (this) {
      if (entry.holders == 0 && entries.remove(version, entry)) {
        CacheDirectory.deleteTree(directoryOf(version));
      }
    }
  }

  private synchronized Optional<Copy> held(String version) {
    List<String> chain = new ArrayList<>();
    for (Optional<String> next = Optional.of(version); next.isPresent(); ) {
      Entry entry = entries.get(next.get());
      if (entry == null || chain.contains(next.get())) {
        return Optional.empty();
      }
      chain.add(next.get());
      next = entry.base;
    }
    for (String name : chain) {
      entries.get(name).holders++;
      entries.get(name).lastUse = ++uses;
    }
    return Optional.of(new Copy(chain));
  }

  /** Removes everything, if nobody holds or fetches anything; else nothing happens. */
  public boolean closeIfUnused() {
    if (!fetching.tryLock()) {
      return false;
    }
    try {
      synchronized (this) {
        if (entries.values().stream().anyMatch(entry -> entry.holders > 0)) {
          return false;
        }
        entries.clear();
      }
      directory.close();
      return true;
    } finally {
      fetching.unlock();
    }
  }

  /** Makes sure that a version is here, holds it, and returns its base. */
  private Optional<String> hold(String version, List<String> chain) throws IOException {
    synchronized (this) {
      if (entries.containsKey(version)) {
        return claim(version, chain);
      }
    }
    Entry copied = copy(version, chain.isEmpty());
    synchronized (this) {
      entries.put(version, copied);
      return claim(version, chain);
    }
  }

  private synchronized Optional<String> claim(String version, List<String> chain) {
    Entry entry = entries.get(version);
    entry.holders++;
    entry.lastUse = ++uses;
    chain.add(version);
    return entry.base;
  }

  private Entry copy(String version, boolean asked) throws IOException {
    if (!versions.exists(version)) {
      throw new RefusedVersionException(
          asked ? RefusalReason.INCOMPLETE : RefusalReason.MISSING_BASE,
          "expected %s/%s/%s, got no such file"
              .formatted(storage.location(), version, ModelDirectory.MANIFEST));
    }
    Manifest manifest;
    try {
      manifest = versions.manifest(version);
    } catch (InvalidModelException | InvalidConfigurationException e) {
      throw new RefusedVersionException(RefusalReason.INVALID, e.getMessage(), e);
    }
    Entry entry = new Entry(manifest);
    makeRoom(version, entry.bytes);
    Path target = directoryOf(version);
    boolean complete = false;
    try {
      Files.createDirectories(target);
      for (Manifest.FileEntry file : manifest.files()) {
        copy(version, file, target.resolve(file.name()));
      }
      Files.writeString(
          target.resolve(ModelDirectory.MANIFEST),
          ManifestWriter.toJson(manifest),
          StandardCharsets.UTF_8);
      complete = true;
    } finally {
      if (!complete) {
        CacheDirectory.deleteTree(target);
      }
    }
    return entry;
  }

  private void copy(String version, Manifest.FileEntry expected, Path target) throws IOException {
    String source = version + "/" + expected.name();
    String where = storage.location() + "/" + source;
    if (!storage.exists(source)) {
      throw new RefusedVersionException(
          RefusalReason.INCOMPLETE, where + ": expected a file that the manifest lists, got none");
    }
    MessageDigest digest = sha256();
    try (InputStream in = storage.open(source);
        OutputStream out = new DigestOutputStream(Files.newOutputStream(target), digest)) {
      long bytes = in.transferTo(out);
      if (bytes != expected.bytes()) {
        throw new RefusedVersionException(
            RefusalReason.INCOMPLETE,
            "%s: expected %d bytes, got %d".formatted(where, expected.bytes(), bytes));
      }
    }
    String got = HexFormat.of().formatHex(digest.digest());
    if (!got.equals(expected.sha256())) {
      throw new RefusedVersionException(
          RefusalReason.CHECKSUM,
          "%s: expected SHA-256 %s, got %s".formatted(where, expected.sha256(), got));
    }
  }

  private void makeRoom(String version, long needed) throws IOException {
    List<String> unused = new ArrayList<>();
    long free;
    synchronized (this) {
      free = maxBytes - entries.values().stream().mapToLong(entry -> entry.bytes).sum();
      List<String> candidates =
          entries.entrySet().stream()
              .filter(e -> e.getValue().holders == 0)
              .sorted(Comparator.comparingLong(e -> e.getValue().lastUse))
              .map(Map.Entry::getKey)
              .toList();
      for (String candidate : candidates) {
        if (free < needed) {
          free += entries.remove(candidate).bytes;
          unused.add(candidate);
        }
      }
    }
    for (String candidate : unused) {
      CacheDirectory.deleteTree(directoryOf(candidate));
    }
    long usable = Files.getFileStore(directory.path()).getUsableSpace();
    if (needed > Math.min(free, usable)) {
      throw new RefusedVersionException(
          RefusalReason.NO_SPACE,
          "%s of version %s: expected room for %d bytes, got %d of the cache's %d and %d on the disk"
              .formatted(directory.path(), version, needed, free, maxBytes, usable));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
