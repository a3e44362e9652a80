package io.github.flinkdeepfm.pipeline.faults;

import java.util.concurrent.CompletableFuture;

/**
 * Work beside the test's thread, each on a thread of its own: the common pool has one thread less
 * than the machine has cores, which load and reader alone can take.
 */
final class Background {
  private Background() {}

  static CompletableFuture<Void> run(String name, Runnable work) {
    return CompletableFuture.runAsync(
        work,
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          thread.start();
        });
  }
}
