package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.device.Device;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.operators.storage.InterruptibleTask;
import io.github.flinkdeepfm.operators.storage.ModelCaches;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of this process: each version is loaded once for each device, or for the host, shared
 * by all slots there, and closed when the last of them lets it go. Only who waits for a version to
 * be loaded blocks; loading ends when the last who waits gives up.
 */
final class ModelStore {
  static final ModelStore SHARED = new ModelStore(new SystemMemory());

  private static final Logger LOG = LoggerFactory.getLogger(ModelStore.class);

  private final Map<Key, Entry> entries = new HashMap<>();
  private final ModelThreads threads = new ModelThreads();
  private final ModelCaches caches = new ModelCaches(threads);
  private final MemoryBudget memory;

  /**
   * @param machine what versions have to fit into
   */
  ModelStore(MachineMemory machine) {
    this.memory = new MemoryBudget(machine);
  }

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
    final Key key;
    final CompletableFuture<Loaded> loaded = new CompletableFuture<>();
    InterruptibleTask task;
    int references;

    Entry(Key key) {
      this.key = key;
    }
  }

  /** One holder's claim on a model; {@link #close} gives it back, once. */
  final class Lease implements AutoCloseable {
    private final Entry entry;
    private DeepFmScorer scorer;
    private boolean open = true;

    private Lease(Entry entry) {
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
      return new Lease(entry);
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

    /** Closes this in the background: to unmap tables takes longer than a batch may wait. */
    void closeLater() {
      threads.execute(this::close);
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        if (scorer != null) {
          scorer.close();
        }
        release(entry);
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
    return acquire(path, device, () -> open(path, device));
  }

  /** As {@link #acquire(Path, Optional, Loader)} on the host. */
  Lease acquire(Path directory, Loader loader) {
    return acquire(directory, Optional.empty(), loader);
  }

  /**
   * Shares the model of these files on this device, or loads it.
   *
   * @param device empty for the host
   * @throws CancellationException if the thread is interrupted, whose flag stays set
   */
  Lease acquire(Path directory, Optional<Device> device, Loader loader) {
    Key key = Key.of(directory, device);
    Entry entry;
    synchronized (this) {
      entry = entries.get(key);
      if (entry == null) {
        Entry made = new Entry(key);
        entry = made;
        made.task = new InterruptibleTask(() -> load(made, loader));
        threads.execute(made.task); // May fail: then nobody is to wait for this entry.
        entries.put(key, made);
      }
      entry.references++;
    }
    try {
      entry.loaded.get();
      return new Lease(entry);
    } catch (InterruptedException e) {
      release(entry);
      Thread.currentThread().interrupt();
      throw new CancellationException(
          "interrupted while the model in " + directory + " was loaded");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new CompletionException(e.getCause());
    }
  }

  /** Where versions are fetched and loaded without a slot waiting for it. */
  ModelThreads threads() {
    return threads;
  }

  /** The copies that this process has of the versions of each root. */
  ModelCaches caches() {
    return caches;
  }

  /** What all versions of this process have to fit into. */
  MemoryBudget memory() {
    return memory;
  }

  /** Ends threads and removes copies that nobody uses; for when a job's classes are given up. */
  void clean() {
    caches.clean();
    threads.end();
  }

  /** Versions that are loaded or being loaded. */
  synchronized int size() {
    return entries.size();
  }

  synchronized int references(Path directory) {
    Entry entry = entries.get(Key.of(directory.toAbsolutePath().normalize(), Optional.empty()));
    return entry == null ? 0 : entry.references;
  }

  /** A directory that was named for good: it is mapped even if it does not fit into memory. */
  private Loaded open(Path path, Optional<Device> device) {
    ModelDirectory directory = ModelDirectory.open(path);
    MemoryBudget.Claim claim = memory.hold(directory.footprint());
    try {
      ServingModel model = ServingModel.open(directory, Optional.empty(), device);
      claim.loaded();
      return new Loaded(model, claim);
    } catch (RuntimeException | Error e) {
      claim.close();
      throw e;
    }
  }

  private void load(Entry entry, Loader loader) {
    long start = System.nanoTime();
    try {
      Loaded loaded = loader.load();
      LOG.info(
          "model {} loaded from {} to {} in {} ms, numerics {}",
          loaded.model().version(),
          entry.key.directory(),
          entry.key.device().map(device -> "device " + device).orElse("the host"),
          (System.nanoTime() - start) / 1_000_000,
          loaded.model().numerics());
      entry.loaded.complete(loaded);
    } catch (Exception | Error e) {
      synchronized (this) {
        entries.remove(entry.key, entry);
      }
      entry.loaded.completeExceptionally(e);
    }
  }

  private void release(Entry entry) {
    synchronized (this) {
      if (--entry.references > 0) {
        return;
      }
      entries.remove(entry.key, entry);
    }
    entry.task.cancel(); // If it still loads, nobody waits for it any more.
    var unused = entry.loaded.thenAccept(ModelStore::close);
  }

  private static void close(Loaded loaded) {
    loaded.model().close();
    try {
      loaded.files().close();
    } catch (Exception e) {
      LOG.warn("files of model {} were not given back", loaded.model().version(), e);
    }
    LOG.info("model {} released", loaded.model().version());
  }
}
