package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.serving.ServingModel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of this process: each version is loaded once, shared by all slots, and closed when the
 * last of them lets it go.
 */
final class ModelStore {
  static final ModelStore SHARED = new ModelStore();

  private static final Logger LOG = LoggerFactory.getLogger(ModelStore.class);

  private final Map<Path, Entry> entries = new HashMap<>();

  private static final class Entry {
    final ServingModel model;
    int references;

    Entry(ServingModel model) {
      this.model = model;
    }
  }

  /** One holder's claim on a model; {@link #close} gives it back, once. */
  final class Lease implements AutoCloseable {
    private final Path directory;
    private final ServingModel model;
    private boolean open = true;

    private Lease(Path directory, ServingModel model) {
      this.directory = directory;
      this.model = model;
    }

    ServingModel model() {
      return model;
    }

    /** Another claim on the same model. */
    Lease share() {
      return acquire(directory);
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        release(directory);
      }
    }
  }

  /** Loads the model in {@code directory}, or shares it if it is loaded. Blocks while it loads. */
  synchronized Lease acquire(Path directory) {
    Path key = directory.toAbsolutePath().normalize();
    Entry entry = entries.get(key);
    if (entry == null) {
      long start = System.nanoTime();
      entry = new Entry(ServingModel.open(key));
      entries.put(key, entry);
      LOG.info(
          "model {} loaded from {} in {} ms, numerics {}",
          entry.model.version(),
          key,
          (System.nanoTime() - start) / 1_000_000,
          entry.model.numerics());
    }
    entry.references++;
    return new Lease(key, entry.model);
  }

  synchronized int references(Path directory) {
    Entry entry = entries.get(directory.toAbsolutePath().normalize());
    return entry == null ? 0 : entry.references;
  }

  private synchronized void release(Path key) {
    Entry entry = entries.get(key);
    if (--entry.references == 0) {
      entries.remove(key);
      entry.model.close();
      LOG.info("model {} released", entry.model.version());
    }
  }
}
