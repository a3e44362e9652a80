package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.device.Device;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.operators.storage.ModelCache;
import io.github.flinkdeepfm.operators.storage.ModelStorages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of this process: each version is loaded once for each device, or for the host, shared
 * by all slots there, and closed when the last of them lets it go. Only who loads a version, or
 * waits for it to be loaded, blocks.
 */
final class ModelStore {
  static final ModelStore SHARED = new ModelStore();

  private static final Logger LOG = LoggerFactory.getLogger(ModelStore.class);

  private final Map<Key, Entry> entries = new HashMap<>();
  private final Map<String, ModelCache> caches = new HashMap<>();
  private final ModelThreads threads = new ModelThreads();

  /** The directory of a model's files, and the number of the device that it is on. */
  private record Key(Path directory, Optional<Integer> device) {
    static Key of(Path directory, Optional<Device> device) {
      return new Key(directory, device.map(Device::ordinal));
    }
  }

  /** A model and what has to be closed after it. */
  record Loaded(ServingModel model, AutoCloseable files) {}

  /** Loads a model, which may take long. */
  interface Loader {
    Loaded load() throws Exception;
  }

  private static final class Entry {
    final CompletableFuture<Loaded> loaded = new CompletableFuture<>();
    int references;
  }

  /** One holder's claim on a model; {@link #close} gives it back, once. */
  final class Lease implements AutoCloseable {
    private final Key key;
    private final Entry entry;
    private DeepFmScorer scorer;
    private boolean open = true;

    private Lease(Key key, Entry entry) {
      this.key = key;
      this.entry = entry;
    }

    ServingModel model() {
      return entry.loaded.join().model();
    }

    /** Another claim on the same model. */
    Lease share() {
      synchronized (ModelStore.this) {
        entry.references++;
      }
      return new Lease(key, entry);
    }

    /** Keeps a scorer that is warm for who scores first; closed with this if nobody does. */
    void keepScorer(DeepFmScorer warm) {
      scorer = warm;
    }

    /** The scorer that was kept, or a new one; the caller closes it, before its own claim. */
    DeepFmScorer takeScorer() {
      DeepFmScorer taken = scorer == null ? model().newScorer() : scorer;
      scorer = null;
      return taken;
    }

    /** Closes this in the background. */
    void closeLater() {
      threads.get(ModelStore.class.getClassLoader()).execute(this::close);
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        if (scorer != null) {
          scorer.close();
        }
        release(key, entry);
      }
    }
  }

  /** Loads the model in {@code directory}, or shares it if it is loaded. Blocks while it loads. */
  Lease acquire(Path directory) {
    return acquire(directory, Optional.empty());
  }

  /** The same on a device; empty for the host. */
  Lease acquire(Path directory, Optional<Device> device) {
    Path path = directory.toAbsolutePath().normalize();
    return acquire(
        path,
        device,
        () ->
            new Loaded(
                ServingModel.open(ModelDirectory.open(path), Optional.empty(), device), () -> {}));
  }

  /**
   * Shares the model of these files on this device, or loads it.
   *
   * @param device empty for the host
   */
  Lease acquire(Path directory, Optional<Device> device, Loader loader) {
    Key key = Key.of(directory, device);
    Entry entry;
    boolean first;
    synchronized (this) {
      entry = entries.computeIfAbsent(key, k -> new Entry());
      first = entry.references++ == 0;
    }
    if (first) {
      load(key, entry, loader);
    }
    try {
      entry.loaded.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
    return new Lease(key, entry);
  }

  /** Where versions are loaded without a slot waiting for it. */
  Executor loadingThreads(ClassLoader classes) {
    return threads.get(classes);
  }

  /** The copies that this process has of the versions of a root. */
  synchronized ModelCache cache(RefreshSettings settings, Path parent) throws IOException {
    String key = settings.root() + "\n" + parent;
    ModelCache cache = caches.get(key);
    if (cache == null) {
      cache = new ModelCache(ModelStorages.open(settings.root()), parent, settings.cacheBytes());
      caches.put(key, cache);
    }
    return cache;
  }

  /** Ends threads and removes copies that nobody uses; for when a job's classes are given up. */
  synchronized void clean() {
    threads.end();
    caches.values().removeIf(ModelCache::closeIfUnused);
  }

  /** Versions that are loaded or being loaded. */
  synchronized int size() {
    return entries.size();
  }

  synchronized int references(Path directory) {
    Entry entry = entries.get(Key.of(directory.toAbsolutePath().normalize(), Optional.empty()));
    return entry == null ? 0 : entry.references;
  }

  private void load(Key key, Entry entry, Loader loader) {
    long start = System.nanoTime();
    try {
      Loaded loaded = loader.load();
      LOG.info(
          "model {} loaded from {} to {} in {} ms, numerics {}",
          loaded.model().version(),
          key.directory(),
          key.device().map(device -> "device " + device).orElse("the host"),
          (System.nanoTime() - start) / 1_000_000,
          loaded.model().numerics());
      entry.loaded.complete(loaded);
    } catch (Exception | Error e) {
      synchronized (this) {
        entries.remove(key);
      }
      entry.loaded.completeExceptionally(e);
    }
  }

  private void release(Key key, Entry entry) {
    synchronized (this) {
      if (--entry.references > 0) {
        return;
      }
      entries.remove(key);
    }
    Loaded loaded = entry.loaded.join();
    loaded.model().close();
    try {
      loaded.files().close();
    } catch (Exception e) {
      LOG.warn("files of model {} were not given back", loaded.model().version(), e);
    }
    LOG.info("model {} released", loaded.model().version());
  }
}
