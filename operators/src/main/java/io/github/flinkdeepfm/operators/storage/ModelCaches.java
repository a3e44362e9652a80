package io.github.flinkdeepfm.operators.storage;

import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * The caches of this process, one for each root and parent directory, whatever the number of jobs
 * and slots that use it. A cache outlives its users, who may be restarted, until {@link #clean}.
 */
public final class ModelCaches {
  private final Executor threads;
  private final Map<String, Shared> caches = new HashMap<>();

  private static final class Shared {
    final String key;
    final ModelCache cache;
    int users;
    boolean leaving;

    Shared(String key, ModelCache cache) {
      this.key = key;
      this.cache = cache;
    }
  }

  /** One user's claim on a cache; {@link #close} gives it back, once. */
  public final class Use implements AutoCloseable {
    private final Shared shared;
    private boolean open = true;

    private Use(Shared shared) {
      this.shared = shared;
      shared.users++;
    }

    public ModelCache cache() {
      return shared.cache;
    }

    /** Another claim on the same cache. */
    public Use share() {
      synchronized (ModelCaches.this) {
        if (caches.get(shared.key) != shared) {
          throw new IllegalStateException("expected a cache in use, got one that is removed");
        }
        return new Use(shared);
      }
    }

    @Override
    public void close() {
      boolean last;
      synchronized (ModelCaches.this) {
        if (!open) {
          return;
        }
        open = false;
        last = --shared.users == 0 && shared.leaving;
        if (last) {
          caches.remove(shared.key);
        }
      }
      if (last) {
        shared.cache.close();
      }
    }
  }

  /**
   * @param threads runs each copying at once
   */
  public ModelCaches(Executor threads) {
    this.threads = threads;
  }

  /**
   * The cache of a root, made if there is none.
   *
   * @param parent where it lies; its size bound is that of who comes first
   */
  public synchronized Use open(RefreshSettings settings, Path parent) throws IOException {
    String key = settings.root() + "\n" + parent;
    Shared shared = caches.get(key);
    if (shared == null) {
      shared =
          new Shared(
              key,
              new ModelCache(
                  ModelStorages.open(settings.root(), settings.storageLimitMillis()),
                  parent,
                  settings.cacheBytes(),
                  threads));
      caches.put(key, shared);
    }
    shared.leaving = false;
    return new Use(shared);
  }

  /** Removes each cache that nobody uses now, and the others once they are not used any more. */
  public void clean() {
    List<Shared> unused = new ArrayList<>();
    synchronized (this) {
      for (Shared shared : caches.values()) {
        shared.leaving = true;
        if (shared.users == 0) {
          unused.add(shared);
        }
      }
      caches.values().removeAll(unused);
    }
    unused.forEach(shared -> shared.cache.close());
  }
}
