package io.github.flinkdeepfm.operators.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DeadlineStorageTest {
  private static final long LIMIT = 300;

  @TempDir Path folder;
  private final CountDownLatch recovered = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  @AfterEach
  void recover() {
    recovered.countDown();
  }

  /** Hangs on every path that has "hung" in it, deaf to interrupts, until it has recovered. */
  private final class Hanging implements ModelStorage {
    private final LocalModelStorage local = new LocalModelStorage(folder);

    private void hang(String path) {
      while (path.contains("hung") && recovered.getCount() > 0) {
        try {
          recovered.await();
        } catch (InterruptedException e) {
          // As a read of a dead mount does.
        }
      }
    }

    @Override
    public String location() {
      return local.location();
    }

    @Override
    public List<String> list(String directory) throws IOException {
      hang(directory);
      return local.list(directory);
    }

    @Override
    public boolean exists(String path) throws IOException {
      hang(path);
      return local.exists(path);
    }

    @Override
    public Instant modified(String file) throws IOException {
      hang(file);
      return local.modified(file);
    }

    @Override
    public InputStream open(String file) throws IOException {
      hang(file);
      InputStream in = local.open(file);
      return new InputStream() {
        @Override
        public int read() throws IOException {
          throw new AssertionError("expected large reads");
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
          if (file.startsWith("slow")) {
            sleep(LIMIT / 3);
            return in.read(into, offset, Math.min(length, 1 << 17));
          }
          int n = in.read(into, offset, Math.min(length, 100_000));
          if (file.startsWith("stuck") && n > 0 && into[offset] == 1) {
            hang("hung");
          }
          return n;
        }

        @Override
        public void close() throws IOException {
          closed.countDown();
          in.close();
        }
      };
    }

    @Override
    public OutputStream create(String file) throws IOException {
      hang(file);
      return local.create(file);
    }

    @Override
    public void announce(String file, byte[] content) throws IOException {
      hang(file);
      local.announce(file, content);
    }

    @Override
    public void delete(String path) throws IOException {
      hang(path);
      local.delete(path);
    }

    @Override
    public Optional<Path> local(String path) {
      return local.local(path);
    }
  }

  private static void sleep(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
  }

  private DeadlineStorage storage() {
    return new DeadlineStorage(new Hanging(), LIMIT);
  }

  private byte[] write(String name, int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    for (int i = 0; i < bytes; i++) {
      content[i] &= ~1; // No 1 in it.
    }
    content[0] = 0;
    Files.write(folder.resolve(name), content);
    return content;
  }

  private String noAnswerOf(String path) {
    return "expected an answer of " + folder.resolve(path) + " within 300 ms, got none";
  }

  @Test
  void everyCallThatHangsFails() {
    DeadlineStorage storage = storage();
    assertThatThrownBy(() -> storage.list("hung1")).hasMessage(noAnswerOf("hung1"));
    assertThatThrownBy(() -> storage.exists("hung2")).hasMessage(noAnswerOf("hung2"));
    assertThatThrownBy(() -> storage.modified("hung3")).hasMessage(noAnswerOf("hung3"));
    assertThatThrownBy(() -> storage.open("hung4")).hasMessage(noAnswerOf("hung4"));
    assertThatThrownBy(() -> storage.create("hung5")).hasMessage(noAnswerOf("hung5"));
    assertThatThrownBy(() -> storage.delete("hung6")).hasMessage(noAnswerOf("hung6"));
    assertThatThrownBy(() -> storage.announce("hung7", new byte[1]))
        .hasMessage(noAnswerOf("hung7"));
  }

  @Test
  void aFileIsReadAsItIs() throws Exception {
    for (int size : new int[] {1, 1 << 16, (1 << 16) + 1, (1 << 16) + (1 << 20), 5_000_001}) {
      byte[] content = write("file", size);
      try (InputStream in = storage().open("file")) {
        assertThat(in.read()).isEqualTo(0);
        assertThat(in.readAllBytes()).hasSize(size - 1).isEqualTo(tail(content));
        assertThat(in.read()).isEqualTo(-1);
      }
    }
  }

  private static byte[] tail(byte[] content) {
    return Arrays.copyOfRange(content, 1, content.length);
  }

  @Test
  void aSlowFileThatMakesProgressIsRead() throws Exception {
    byte[] content = write("slow", 1_500_000); // 12 reads of a third of the limit each.
    try (InputStream in = storage().open("slow")) {
      assertThat(in.readAllBytes()).isEqualTo(content);
    }
  }

  @Test
  void aStreamThatHangsFailsForGoodAndIsClosedFromTheSide() throws Exception {
    byte[] content = write("stuck", 3_000_000);
    // A read that begins there hangs.
    Arrays.fill(content, 1_100_000, 3_000_000, (byte) 1);
    Files.write(folder.resolve("stuck"), content);
    try (InputStream in = storage().open("stuck")) {
      assertThatThrownBy(in::readAllBytes).hasMessage(noAnswerOf("stuck"));
      closed.await();
      assertThatThrownBy(in::read).hasMessageContaining("closed or failed");
    }
  }

  @Test
  void oneHungFileLeavesTheOthersReadable() throws Exception {
    DeadlineStorage storage = storage();
    byte[] content = write("file", 10);
    for (int i = 0; i < StorageCalls.MAX_ABANDONED_OF_A_FILE; i++) {
      assertThatThrownBy(() -> storage.open("hung")).hasMessage(noAnswerOf("hung"));
    }
    long start = System.nanoTime();
    assertThatThrownBy(() -> storage.open("hung"))
        .hasMessageEndingWith("not asked: 4 earlier calls of it have not ended");
    assertThat(System.nanoTime() - start).isLessThan(LIMIT * 1_000_000);
    try (InputStream in = storage.open("file")) {
      assertThat(in.readAllBytes()).isEqualTo(content);
    }
  }

  @Test
  void aDeadStorageHoldsFewThreadsAndIsAskedAgainWhenItRecovers() throws Exception {
    DeadlineStorage storage = storage();
    for (int i = 0; i < StorageCalls.MAX_ABANDONED; i++) {
      String path = "hung" + i;
      assertThatThrownBy(() -> storage.exists(path)).hasMessage(noAnswerOf(path));
    }
    assertThatThrownBy(() -> storage.exists("other"))
        .hasMessageContaining("not asked: 8 earlier calls have not ended");
    assertThatThrownBy(() -> storage().exists("other")).hasMessageContaining("not asked");
    recovered.countDown();
    while (true) {
      try {
        assertThat(storage.exists("hung0")).isFalse();
        return;
      } catch (IOException e) {
        Thread.sleep(5); // The abandoned calls are about to end.
      }
    }
  }

  @Test
  void anInterruptedCallerEndsPromptly() throws Exception {
    DeadlineStorage patient = new DeadlineStorage(new Hanging(), 600_000);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                patient.open("hung");
              } catch (IOException e) {
                failure.set(e);
              }
              flag.complete(Thread.currentThread().isInterrupted());
            });
    caller.start();
    caller.interrupt();
    assertThat(flag.get()).isTrue();
    assertThat(failure.get()).isInstanceOf(InterruptedIOException.class);
  }

  @Test
  void whatComesTooLateIsClosed() throws Exception {
    write("hung-file", 10);
    assertThatThrownBy(() -> storage().open("hung-file")).hasMessage(noAnswerOf("hung-file"));
    recovered.countDown();
    closed.await();
  }

  @Test
  void workHasTheCallersClassLoader() throws Exception {
    ClassLoader classes = new ClassLoader(null) {};
    Thread.currentThread().setContextClassLoader(classes);
    try {
      assertThat(
              StorageCalls.of("root")
                  .call(
                      "f",
                      60_000,
                      progress -> Thread.currentThread().getContextClassLoader(),
                      unwanted -> {})
                  .equals(classes))
          .isTrue();
      assertThatThrownBy(
              () ->
                  StorageCalls.of("root")
                      .call(
                          "f",
                          60_000,
                          progress -> {
                            throw new OwnException();
                          },
                          unwanted -> {}))
          .isInstanceOf(OwnException.class);
    } finally {
      Thread.currentThread().setContextClassLoader(getClass().getClassLoader());
    }
  }

  /** Stands for an exception of a file system's own. */
  private static final class OwnException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
