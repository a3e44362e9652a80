package io.github.flinkdeepfm.model.publish;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One publisher at a time, on any storage, object stores without exclusive creation included.
 *
 * <p>Write, then look: whoever wants the lock writes a claim of its own under {@code .publishing/}
 * and then lists the claims. Alone, it has the lock; otherwise it takes its claim back, waits, and
 * tries again. Of two that claim at once, the later to list sees the other's claim, so never both
 * have it.
 *
 * <p>A holder rewrites its claim every sixth of a lease. A claim that another has watched unchanged
 * for a whole lease, by its own clock, is a crashed publisher's and is removed. A holder that was
 * stopped for so long finds out in {@link #check} before it makes anything visible.
 */
final class RootLock implements AutoCloseable {
  static final String DIRECTORY = ".publishing";

  private static final long MAX_PAUSE_MILLIS = 2_000;

  private static final Logger LOG = LoggerFactory.getLogger(RootLock.class);

  /**
   * @param lease how long a silent claim counts as alive
   * @param patience how long to wait for another publisher
   */
  record Timing(Duration lease, Duration patience) {
    static final Timing DEFAULT = new Timing(Duration.ofMinutes(1), Duration.ofMinutes(30));
  }

  private record Sighting(String content, long since) {}

  private final ModelStorage storage;
  private final Timing timing;
  private final String claim = DIRECTORY + "/" + UUID.randomUUID();
  private final String owner =
      "pid " + ProcessHandle.current().pid() + " " + System.getProperty("user.name");
  private final Map<String, Sighting> others = new HashMap<>();
  private final Thread heartbeat = new Thread(this::beat, "publish-heartbeat");
  private volatile long lastBeat;
  private volatile boolean closed;
  private int beats;

  private RootLock(ModelStorage storage, Timing timing) {
    this.storage = storage;
    this.timing = timing;
    heartbeat.setDaemon(true);
  }

  /**
   * Blocks until no other publisher is at work.
   *
   * @throws IOException if one still is after {@link Timing#patience}, or the storage fails
   */
  static RootLock acquire(ModelStorage storage, Timing timing)
      throws IOException, InterruptedException {
    RootLock lock = new RootLock(storage, timing);
    long start = System.nanoTime();
    long pause = 10;
    while (!lock.tryClaim()) {
      if (System.nanoTime() - start > timing.patience().toNanos()) {
        throw new IOException(
            storage.location()
                + ": expected other publishers to finish within "
                + timing.patience()
                + ", got "
                + lock.others.values().stream().map(Sighting::content).toList()
                + " still at work");
      }
      Thread.sleep(1 + ThreadLocalRandom.current().nextLong(pause));
      pause = Math.min(2 * pause, MAX_PAUSE_MILLIS);
    }
    lock.heartbeat.start();
    return lock;
  }

  /**
   * @throws IOException if this holder was silent for so long that another may have taken over
   */
  void check() throws IOException {
    long silent = System.nanoTime() - lastBeat;
    if (silent > timing.lease().toNanos() / 2 || !storage.exists(claim)) {
      throw new IOException(
          storage.location()
              + ": expected to hold the publish lock, got no heartbeat through for "
              + TimeUnit.NANOSECONDS.toMillis(silent)
              + " ms; another publisher may have taken over");
    }
  }

  /** Gives the lock back. If the storage fails, the claim goes stale after a lease instead. */
  @Override
  public void close() {
    closed = true;
    heartbeat.interrupt();
    try {
      heartbeat.join();
      storage.delete(claim);
    } catch (IOException e) {
      LOG.warn(
          "{}: the claim {} stays until it is stale: {}", storage.location(), claim, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean tryClaim() throws IOException {
    if (hasLiveOthers()) {
      return false;
    }
    write();
    boolean alone = false;
    try {
      alone = !hasLiveOthers();
    } finally {
      if (!alone) {
        storage.delete(claim);
      }
    }
    return alone;
  }

  private boolean hasLiveOthers() throws IOException {
    List<String> claims =
        storage.list(DIRECTORY).stream()
            .map(name -> DIRECTORY + "/" + name)
            .filter(name -> !name.equals(claim))
            .toList();
    others.keySet().retainAll(claims);
    long now = System.nanoTime();
    boolean live = false;
    for (String other : claims) {
      String content;
      try (InputStream in = storage.open(other)) {
        content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        if (!storage.exists(other)) {
          continue; // It was given back meanwhile.
        }
        throw e;
      }
      Sighting seen = others.get(other);
      if (seen == null || !seen.content().equals(content)) {
        others.put(other, new Sighting(content, now));
        live = true;
      } else if (now - seen.since() <= timing.lease().toNanos()) {
        live = true;
      } else {
        LOG.warn("{}: removing the claim of a dead publisher, {}", storage.location(), content);
        storage.delete(other);
      }
    }
    return live;
  }

  private void beat() {
    while (!closed) {
      try {
        Thread.sleep(Math.max(1, timing.lease().toMillis() / 6));
        // A claim that another removed is not written again: the lock is lost.
        if (storage.exists(claim)) {
          write();
        }
      } catch (InterruptedException e) {
        return;
      } catch (IOException e) {
        LOG.warn("{}: no heartbeat got through: {}", storage.location(), e.toString());
      }
    }
  }

  private void write() throws IOException {
    long start = System.nanoTime();
    try (OutputStream out = storage.create(claim)) {
      out.write((owner + " beat " + beats++).getBytes(StandardCharsets.UTF_8));
    }
    lastBeat = start;
  }
}
