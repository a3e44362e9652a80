package io.github.flinkdeepfm.operators.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Copies follow what the root announces, and nobody waits for a download that is not his. */
@Timeout(30)
class ModelCacheTest {
  @TempDir Path folder;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private PublishedFiles files;
  private ModelCache cache;

  @BeforeEach
  void makeCache() throws Exception {
    files = new PublishedFiles(folder.resolve("root"));
    cache = new ModelCache(files, folder.resolve("cache"), 100, threads);
  }

  @AfterEach
  void closeCache() throws Exception {
    cache.close();
    threads.shutdown();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    try (var left = Files.list(folder.resolve("cache"))) {
      assertThat(left).isEmpty();
    }
  }

  private ModelCache.Copy fetch(String version) throws Exception {
    return cache.fetch(cache.find(version));
  }

  @Test
  void onlyThisUserCanLookIntoTheCopies() throws Exception {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    try (var made = Files.list(folder.resolve("cache"))) {
      for (Path directory : made.filter(Files::isDirectory).toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
            .isEqualTo("rwx------");
      }
    }
  }

  private String content(String version) throws Exception {
    try (ModelCache.Copy copy = fetch(version)) {
      return Files.readString(copy.directory().resolve(PublishedFiles.FILE));
    }
  }

  /** Names of the copies' directories. */
  private List<String> copies() {
    try (var own = Files.list(folder.resolve("cache"))) {
      Path directory = own.filter(Files::isDirectory).findFirst().orElseThrow();
      try (var inside = Files.list(directory)) {
        return inside.map(copy -> copy.getFileName().toString()).sorted().toList();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(2);
    }
  }

  @Test
  void aNamePublishedAgainIsCopiedAgainEvenWhileTheOldCopyIsHeld() throws Exception {
    files.publish("v1", null, "old");
    try (ModelCache.Copy held = fetch("v1")) {
      files.publish("v1", null, "new");
      assertThat(content("v1")).isEqualTo("new");
      assertThat(held.directory().resolve(PublishedFiles.FILE)).hasContent("old");
    }
  }

  @Test
  void aDeltaOnABasePublishedAgainIsAnotherModel() throws Exception {
    files.publish("v1", null, "old");
    files.publish("v2", "v1", "delta");
    VersionChain before = cache.find("v2");
    try (ModelCache.Copy held = cache.fetch(before)) {
      files.publish("v1", null, "new");
      VersionChain after = cache.find("v2");
      assertThat(cache.identity(after)).isNotEqualTo(cache.identity(before));
      try (ModelCache.Copy copy = cache.fetch(after)) {
        assertThat(copy.directories().get("v1").resolve(PublishedFiles.FILE)).hasContent("new");
      }
      assertThat(held.directories().get("v1").resolve(PublishedFiles.FILE)).hasContent("old");
    }
  }

  @Test
  void theSameBytesAreCopiedOnce() throws Exception {
    files.publish("v1", null, "same");
    try (ModelCache.Copy first = fetch("v1");
        ModelCache.Copy second = fetch("v1")) {
      assertThat(second.directory()).isEqualTo(first.directory());
    }
    assertThat(copies()).hasSize(1);
  }

  @Test
  void aDownloadThatHangsHoldsUpNoOtherVersion() throws Exception {
    files.publish("v1", null, "slow");
    files.publish("v2", null, "fast");
    files.hold("v1");
    Future<String> slow = threads.submit(() -> content("v1"));
    await(() -> files.reading.get() == 1);
    assertThat(content("v2")).isEqualTo("fast");
    files.release("v1");
    assertThat(slow.get()).isEqualTo("slow");
  }

  @Test
  void allWhoWaitForAVersionGetItsFailureAndTheNextOneTriesAgain() throws Exception {
    files.publish("v1", null, "content");
    files.hold("v1");
    Future<String> first = threads.submit(() -> content("v1"));
    await(() -> files.reading.get() == 1);
    VersionChain chain = cache.find("v1");
    Future<ModelCache.Copy> second = threads.submit(() -> cache.fetch(chain));
    files.down = true;
    files.release("v1");
    for (Future<?> waiter : List.of(first, second)) {
      assertThatThrownBy(waiter::get)
          .isInstanceOf(ExecutionException.class)
          .hasRootCauseInstanceOf(IOException.class)
          .hasRootCauseMessage("down");
    }
    assertThat(copies()).isEmpty();
    files.down = false;
    assertThat(content("v1")).isEqualTo("content");
  }

  @Test
  void theLastOneToGiveUpEndsTheDownloadAndNothingIsLeft() throws Exception {
    files.publish("v1", null, "content");
    files.hold("v1");
    VersionChain chain = cache.find("v1");
    List<Thread> waiting = new CopyOnWriteArrayList<>();
    Callable<ModelCache.Copy> fetch =
        () -> {
          waiting.add(Thread.currentThread());
          return cache.fetch(chain);
        };
    Future<ModelCache.Copy> first = threads.submit(fetch);
    Future<ModelCache.Copy> second = threads.submit(fetch);
    await(() -> files.reading.get() == 1);
    await( // Both are there to give up: one that comes later would not keep the download alive.
        () ->
            waiting.size() == 2
                && waiting.stream().allMatch(t -> t.getState() == Thread.State.WAITING));
    assertThat(copies()).hasSize(1);
    first.cancel(true);
    Thread.sleep(50); // Enough for an interrupt that should not come.
    assertThat(files.interrupted).hasValue(0);
    second.cancel(true);
    await(() -> files.interrupted.get() == 1 && copies().isEmpty());
    files.release("v1");
    assertThat(content("v1")).isEqualTo("content");
  }

  @Test
  void aCopyStandsInOnlyForARootThatDoesNotAnswer() throws Exception {
    files.publish("v1", null, "base");
    files.publish("v2", "v1", "delta");
    content("v2");
    files.down = true;
    assertThat(content("v2")).isEqualTo("delta");
    assertThat(content("v1")).isEqualTo("base");
    assertThatThrownBy(() -> fetch("v3")).isInstanceOf(IOException.class).hasMessage("down");
    files.down = false;
    files.remove("v1");
    assertThatThrownBy(() -> fetch("v2"))
        .isInstanceOf(RefusedVersionException.class)
        .extracting(e -> ((RefusedVersionException) e).reason())
        .isEqualTo(RefusalReason.MISSING_BASE);
  }

  @Test
  void aRootWithNothingInItIsOneThatDoesNotAnswer() throws Exception {
    files.publish("v1", null, "content");
    content("v1");
    Files.move(files.root, folder.resolve("away"));
    assertThat(content("v1")).isEqualTo("content");
    assertThatThrownBy(() -> fetch("v2"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a model root with versions in it, got none");
  }

  @Test
  void theLongestUnusedCopyMakesRoomAndAHeldOneDoesNot() throws Exception {
    files.publish("v1", null, "x".repeat(40));
    files.publish("v2", null, "y".repeat(40));
    files.publish("v3", null, "z".repeat(40));
    try (ModelCache.Copy held = fetch("v1")) {
      content("v2");
      content("v3");
      assertThat(copies()).hasSize(2);
      files.down = true;
      assertThat(held.directory()).exists();
      assertThatThrownBy(() -> fetch("v2")).hasMessage("down");
      assertThat(content("v3")).startsWith("z");
    }
  }

  @Test
  void copiesThatNobodyHoldsMakeRoomOnADiskSmallerThanTheBound() throws Exception {
    long bytes = 100;
    Path parent = folder.resolve("cache"); // of this test's cache too
    Disk disk = path -> bytes - sizeOf(path.startsWith(parent) ? parent : path);
    try (ModelCache large = new ModelCache(files, parent, Long.MAX_VALUE, threads, disk)) {
      for (int i = 1; i <= 5; i++) {
        files.publish("v" + i, null, "x".repeat(40));
        large.fetch(large.find("v" + i)).close();
      }
      files.publish("v6", null, "x".repeat(101));
      assertThatThrownBy(() -> large.fetch(large.find("v6")))
          .hasMessageContaining("expected 101 bytes free on the disk")
          .extracting(e -> ((RefusedVersionException) e).reason())
          .isEqualTo(RefusalReason.NO_SPACE);
    }
  }

  /** Bytes of the versions' files below a directory. */
  private static long sizeOf(Path directory) throws IOException {
    try (var tree = Files.walk(directory)) {
      return tree.filter(file -> file.endsWith(PublishedFiles.FILE))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }

  @Test
  void aRootThatGoesWhileAVersionIsCopiedIsNoMissingFile() throws Exception {
    files.publish("v1", null, "content");
    VersionChain chain = cache.find("v1");
    Files.move(files.root, folder.resolve("away"));
    assertThatThrownBy(() -> cache.fetch(chain))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a model root with versions in it, got none");
    Files.move(folder.resolve("away"), files.root);
    cache.fetch(chain).close();
  }

  @Test
  void aChainDoesNotMakeRoomForItselfByRemovingItsBase() throws Exception {
    files.publish("v1", null, "x".repeat(60));
    content("v1");
    files.publish("v2", "v1", "y".repeat(50));
    assertThatThrownBy(() -> fetch("v2"))
        .hasMessageContaining("expected room for 50 bytes, got 40");
    assertThat(copies()).hasSize(1);
  }
}
