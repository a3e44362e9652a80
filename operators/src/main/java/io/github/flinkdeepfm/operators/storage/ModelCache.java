package io.github.flinkdeepfm.operators.storage;

import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's copies of versions of one root, on a local disk. What a model maps is always one
 * of these: a file under the root may change or go, and a mapped file that is cut short crashes the
 * process. A copy belongs to what the root announced, not to a version's name alone.
 *
 * <p>Thread-safe. Each version is copied on a thread of its own; who waits for one does not wait
 * for another. Copies that somebody holds are never removed; others go, the longest unused first,
 * when a new one needs their room.
 */
public final class ModelCache implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelCache.class);

  private final ModelStorage storage;
  private final VersionCopier copier;
  private final CacheDirectory directory;
  private final long maxBytes;
  private final Executor threads;
  private final Disk disk;
  private final Map<String, Entry> entries = new HashMap<>();

  /** Of each version the chain that was whole here last. */
  private final Map<String, VersionChain> latest = new HashMap<>();

  private long uses;
  private int copying;
  private boolean closed;

  private static final class Entry {
    final VersionChain.Link link;
    final Path directory;
    final CompletableFuture<Void> copied = new CompletableFuture<>();
    InterruptibleTask task;
    int holders;
    long lastUse;

    Entry(VersionChain.Link link, Path directory) {
      this.link = link;
      this.directory = directory;
    }
  }

  /** A claim on the copies of a version and its bases; {@link #close} gives it back, once. */
  public final class Copy implements AutoCloseable {
    private final String version;
    private final List<Entry> held;
    private boolean open = true;

    private Copy(String version, List<Entry> held) {
      this.version = version;
      this.held = held;
    }

    /** The version's directory. */
    public Path directory() {
      return directories().get(version);
    }

    /** The directories of the version and its bases, by name. */
    public Map<String, Path> directories() {
      return held.stream().collect(Collectors.toMap(e -> e.link.version(), e -> e.directory));
    }

    @Override
    public void close() {
      synchronized (ModelCache.this) {
        if (open) {
          open = false;
          held.forEach(ModelCache.this::letGo);
        }
      }
    }
  }

  /**
   * @param parent where this process makes its own directory
   * @param maxBytes most bytes of copies
   * @param threads runs each copying at once
   */
  public ModelCache(ModelStorage storage, Path parent, long maxBytes, Executor threads)
      throws IOException {
    this(storage, parent, maxBytes, threads, path -> Files.getFileStore(path).getUsableSpace());
  }

  ModelCache(ModelStorage storage, Path parent, long maxBytes, Executor threads, Disk disk)
      throws IOException {
    this.storage = storage;
    this.disk = disk;
    this.copier = new VersionCopier(storage, disk);
    this.directory = CacheDirectory.create(parent);
    this.maxBytes = maxBytes;
    this.threads = threads;
  }

  /**
   * What the root has under a name now. Only when the root does not answer is it what was copied of
   * it last, if all of that is still here.
   *
   * @throws RefusedVersionException if the root answers and has no such version, or only without
   *     one of its bases, or a manifest is wrong
   * @throws IOException if the root does not answer and there is no copy
   */
  public VersionChain find(String version) throws IOException {
    try {
      return VersionChain.read(storage, version);
    } catch (IOException e) {
      VersionChain copied = copied(version).orElseThrow(() -> e);
      LOG.warn(
          "model root {} does not answer, the copy of model {} is used: {}",
          storage.location(),
          version,
          e.toString());
      return copied;
    }
  }

  /** Where the copy of a chain's version belongs: equal paths stand for equal bytes. */
  public Path identity(VersionChain chain) {
    return directory.path().resolve(chain.key());
  }

  /**
   * Copies what is not here yet, comparing sizes and checksums on the way. Blocks until all is here
   * or one failure is known; who is interrupted leaves, and the last to leave ends the copying.
   *
   * @throws RefusedVersionException if the version cannot be used, or does not fit
   * @throws IOException if the storage or the disk fails
   */
  public Copy fetch(VersionChain chain) throws IOException, InterruptedException {
    List<Entry> held = hold(chain);
    boolean complete = false;
    try {
      for (Entry entry : held) {
        entry.copied.get();
      }
      synchronized (this) {
        chain.suffixes().forEach(part -> latest.put(part.version(), part));
      }
      complete = true;
      return new Copy(chain.version(), held);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IOException(chain.version() + ": " + e.getCause(), e);
    } finally {
      if (!complete) {
        new Copy(chain.version(), held).close();
      }
    }
  }

  /** Removes all copies. Nobody holds one, and none is asked for after this. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (copying > 0) {
        return; // What was given up and still ends closes it.
      }
    }
    directory.close();
  }

  private synchronized Optional<VersionChain> copied(String version) {
    return Optional.ofNullable(latest.get(version))
        .filter(
            chain ->
                chain.links().stream()
                    .map(link -> entries.get(link.key()))
                    .allMatch(entry -> entry != null && entry.copied.isDone()));
  }

  /** What is here first, so that it does not make room for what is not. */
  private synchronized List<Entry> hold(VersionChain chain) {
    List<Entry> held = new ArrayList<>();
    List<VersionChain.Link> missing = new ArrayList<>();
    for (VersionChain.Link link : chain.links()) {
      if (entries.containsKey(link.key())) {
        held.add(claim(entries.get(link.key())));
      } else {
        missing.add(link);
      }
    }
    try {
      for (VersionChain.Link link : missing) {
        held.add(claim(startCopying(link)));
      }
      return held;
    } catch (RuntimeException e) {
      held.forEach(this::letGo);
      throw e;
    }
  }

  private Entry claim(Entry entry) {
    entry.holders++;
    entry.lastUse = ++uses;
    return entry;
  }

  private void letGo(Entry entry) {
    entry.holders--;
    if (entry.holders == 0 && !entry.copied.isDone()) {
      entries.remove(entry.link.key(), entry);
      entry.task.cancel();
    }
  }

  private Entry startCopying(VersionChain.Link link) {
    if (closed) {
      throw new IllegalStateException(directory.path() + ": expected an open cache");
    }
    makeRoom(link);
    // Never the directory of an earlier attempt, which may still be under way or being removed.
    Entry entry = new Entry(link, directory.path().resolve(link.key() + "-" + ++uses));
    entry.task = new InterruptibleTask(() -> copy(entry));
    entries.put(link.key(), entry);
    copying++;
    threads.execute(entry.task);
    return entry;
  }

  private void copy(Entry entry) {
    Throwable failure = null;
    try {
      copier.copy(entry.link.manifest(), entry.directory);
    } catch (Exception | Error e) {
      failure = e;
    }
    synchronized (this) {
      if (failure == null && entries.get(entry.link.key()) == entry) {
        copying--;
        entry.copied.complete(null); // Before who holds it could give it up.
        return;
      }
      entries.remove(entry.link.key(), entry);
    }
    CacheDirectory.deleteTree(entry.directory);
    boolean last;
    synchronized (this) {
      last = --copying == 0 && closed;
    }
    if (last) {
      directory.close();
    }
    entry.copied.completeExceptionally(
        failure == null ? new IOException(entry.link.version() + " was given up") : failure);
  }

  /**
   * Removes copies that nobody holds, as many as it takes by the cache's bound and by what the disk
   * has left, which may be far less. Whether that is enough on the disk, copying says.
   */
  private void makeRoom(VersionChain.Link link) {
    long free = maxBytes - entries.values().stream().mapToLong(entry -> entry.link.bytes()).sum();
    long onDisk = usableBytes();
    for (Entry entry : entries.values()) {
      onDisk -= entry.copied.isDone() ? 0 : entry.link.bytes();
    }
    List<Entry> outdated = new ArrayList<>();
    List<Entry> unused =
        entries.values().stream()
            .filter(entry -> entry.holders == 0)
            .sorted(Comparator.comparingLong(entry -> entry.lastUse))
            .toList();
    for (Entry entry : unused) {
      if (Math.min(free, onDisk) < link.bytes()) {
        free += entry.link.bytes();
        onDisk += entry.link.bytes();
        outdated.add(entry);
      }
    }
    if (free < link.bytes()) {
      throw new RefusedVersionException(
          RefusalReason.NO_SPACE,
          "%s of version %s: expected room for %d bytes, got %d of the cache's %d"
              .formatted(directory.path(), link.version(), link.bytes(), free, maxBytes));
    }
    for (Entry entry : outdated) {
      entries.remove(entry.link.key());
      CacheDirectory.deleteTree(entry.directory);
    }
  }

  private long usableBytes() {
    try {
      return disk.usableBytes(directory.path());
    } catch (IOException e) {
      LOG.debug("{}: free bytes not known", directory.path(), e);
      return Long.MAX_VALUE;
    }
  }
}
