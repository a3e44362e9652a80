package io.github.flinkdeepfm.operators.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One job's end takes nothing from another that shares the cache. */
@Timeout(30)
class ModelCachesTest {
  @TempDir Path folder;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ModelCaches caches = new ModelCaches(threads);
  private RefreshSettings settings;
  private Path parent;

  @BeforeEach
  void publish() throws Exception {
    PublishedFiles files = new PublishedFiles(folder.resolve("root"));
    files.publish("v1", null, "content");
    settings = RefreshSettings.of(files.root.toString());
    parent = Files.createDirectories(folder.resolve("cache"));
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    caches.clean();
    threads.shutdown();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(parent).isEmptyDirectory();
  }

  private void readThrough(ModelCaches.Use use) throws Exception {
    try (ModelCache.Copy copy = use.cache().fetch(use.cache().find("v1"))) {
      assertThat(copy.directory().resolve(PublishedFiles.FILE)).hasContent("content");
    }
  }

  @Test
  void aCacheInUseIsCleanedAfterItsLastUser() throws Exception {
    ModelCaches.Use job = caches.open(settings, parent);
    ModelCaches.Use loading = job.share();
    job.close();
    job.close();
    caches.clean();
    readThrough(loading);
    assertThat(parent).isNotEmptyDirectory();
    loading.close();
    assertThat(parent).isEmptyDirectory();
    assertThatThrownBy(loading::share).hasMessageContaining("expected a cache in use");
  }

  @Test
  void aCacheOutlivesTasksThatAreRestarted() throws Exception {
    ModelCaches.Use before = caches.open(settings, parent);
    before.close();
    ModelCaches.Use after = caches.open(settings, parent);
    assertThat(after.cache()).isSameAs(before.cache());
    after.close();
  }

  @Test
  void jobsThatStartAndEndBesideACleanUpNeverLoseTheirCache() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    Future<?> cleaner =
        threads.submit(
            () -> {
              while (!ended.get()) {
                caches.clean();
              }
            });
    try {
      for (int i = 0; i < 200; i++) {
        try (ModelCaches.Use use = caches.open(settings, parent)) {
          readThrough(use);
        }
      }
    } finally {
      ended.set(true);
    }
    cleaner.get();
  }
}
