package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.serving.ServingModel;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One load for all who ask, which ends when nobody does any more; nothing loaded is lost. */
@Timeout(30)
class ModelStoreTest {
  @TempDir Path root;
  private final ModelStore store = new ModelStore(new SystemMemory());
  private final ExecutorService slots = Executors.newCachedThreadPool();
  private final CountDownLatch loading = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final AtomicInteger loads = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private Path directory;

  @BeforeEach
  void writeModel() throws Exception {
    directory = TestModel.write(root, "v1", 1);
  }

  @AfterEach
  void nothingIsHeld() throws Exception {
    slots.shutdownNow();
    Await.until("release", () -> store.size() == 0);
  }

  private ModelStore.Loaded load() throws InterruptedException {
    loads.incrementAndGet();
    loading.countDown();
    released.await();
    return new ModelStore.Loaded(ServingModel.open(directory), closed::incrementAndGet);
  }

  private Future<ModelStore.Lease> acquire() {
    return slots.submit(() -> store.acquire(directory, this::load));
  }

  @Test
  void slotsThatAskAtOnceShareOneLoad() throws Exception {
    Future<ModelStore.Lease> first = acquire();
    Future<ModelStore.Lease> second = acquire();
    Await.until("both wait", () -> store.references(directory) == 2);
    released.countDown();
    assertThat(first.get().model()).isSameAs(second.get().model());
    first.get().close();
    first.get().close();
    assertThat(closed).hasValue(0);
    second.get().closeLater();
    Await.until("close", () -> closed.get() == 1);
    assertThat(loads).hasValue(1);
  }

  @Test
  void oneThatGivesUpLeavesTheLoadToTheOthers() throws Exception {
    Future<ModelStore.Lease> first = acquire();
    loading.await();
    Future<ModelStore.Lease> second = acquire();
    Await.until("both wait", () -> store.references(directory) == 2);
    first.cancel(true);
    Await.until("one waits", () -> store.references(directory) == 1);
    released.countDown();
    second.get().close();
    assertThat(loads).hasValue(1);
  }

  @Test
  void theLastOneToGiveUpInterruptsTheLoad() throws Exception {
    AtomicInteger interrupted = new AtomicInteger();
    Future<ModelStore.Lease> only =
        slots.submit(
            () ->
                store.acquire(
                    directory,
                    () -> {
                      try {
                        return load();
                      } catch (InterruptedException e) {
                        interrupted.incrementAndGet();
                        throw e;
                      }
                    }));
    loading.await();
    only.cancel(true);
    Await.until("interrupt", () -> interrupted.get() == 1);
    assertThat(store.size()).isZero();
  }

  @Test
  void whatIsLoadedAlthoughItWasGivenUpIsClosed() throws Exception {
    Future<ModelStore.Lease> only =
        slots.submit(
            () ->
                store.acquire(
                    directory,
                    () -> {
                      try {
                        load();
                      } catch (InterruptedException e) {
                        // Too late to stop.
                      }
                      return new ModelStore.Loaded(
                          ServingModel.open(directory), closed::incrementAndGet);
                    }));
    loading.await();
    only.cancel(true);
    Await.until("close", () -> closed.get() == 1);
  }

  @Test
  void anInterruptIsNotSwallowed() throws Exception {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> store.acquire(directory, this::load))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aFailedLoadIsToldToAllAndTriedAgainByTheNext() throws Exception {
    Future<ModelStore.Lease> failing =
        slots.submit(
            () ->
                store.acquire(
                    directory,
                    () -> {
                      throw new IllegalArgumentException("broken");
                    }));
    assertThatThrownBy(failing::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("broken");
    assertThat(store.size()).isZero();
    released.countDown();
    acquire().get().close();
  }
}
