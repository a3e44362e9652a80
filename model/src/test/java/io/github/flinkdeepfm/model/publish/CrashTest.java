package io.github.flinkdeepfm.model.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CrashTest extends PublishTestBase {
  private static final PublishOptions DELTA = PublishOptions.DEFAULT.withBase("000001");

  private interface Attempt {
    void run(ModelPublisher publisher) throws IOException, InterruptedException;
  }

  @Test
  void crashAnywhereWhilePublishingLeavesNothingHalfVisible() throws Exception {
    Path first = SmallModel.of(6, 4, 1).write(folder.resolve("first"));
    Path second = SmallModel.of(6, 4, 1).changeRow(0, 3).write(folder.resolve("second"));
    List<Integer> wanted = bits(ModelDirectory.open(second));

    int crashes =
        crashEverywhere(
            p -> p.publish(first, PublishOptions.DEFAULT),
            p -> p.publish(second, DELTA),
            () -> {
              assertThat(versions()).isIn(List.of("000001"), List.of("000001", "000002"));
              for (String version : versions()) {
                bits(open(version)); // complete, with the right sums
              }
            },
            () -> {
              Publication next = publisher(storage, PATIENT).publish(second, DELTA);
              assertThat(bits(open(next.manifest().version()))).isEqualTo(wanted);
              assertNothingElseIsThere();
            });

    assertThat(crashes).isGreaterThan(20);
  }

  @Test
  void crashAnywhereWhileRemovingLeavesNoDeltaWithoutItsBase() throws Exception {
    Path model = SmallModel.of(6, 4, 1).write(folder.resolve("model"));
    Path changed = SmallModel.of(6, 4, 1).changeRow(1, 2).write(folder.resolve("changed"));
    Retention newest = new Retention(1, Duration.ZERO, Set.of());

    int crashes =
        crashEverywhere(
            p -> {
              p.publish(model, PublishOptions.DEFAULT);
              p.publish(changed, DELTA);
              p.publish(model, PublishOptions.DEFAULT);
            },
            p -> p.retain(newest),
            () -> {
              assertThat(versions()).contains("000003");
              for (String version : versions()) {
                bits(open(version));
              }
            },
            () -> {
              publisher(storage, PATIENT).retain(newest);
              assertThat(versions()).containsExactly("000003");
              assertNothingElseIsThere();
            });

    assertThat(crashes).isGreaterThan(10);
  }

  @Test
  void youngLeftoverIsKeptUntilItsGraceIsOver() throws Exception {
    Path model = SmallModel.of(6, 4, 1).write(folder.resolve("model"));
    Files.createDirectories(root.resolve("000007"));
    Files.writeString(root.resolve("000007").resolve(VersionWriter.MARKER), "");
    ModelPublisher patient =
        new ModelPublisher(storage, NO_SAMPLES, PATIENT, Duration.ofHours(1), Clock.systemUTC());

    Publication published = patient.publish(model, PublishOptions.DEFAULT);

    assertThat(published.manifest().version()).isEqualTo("000008");
    assertThat(root.resolve("000007")).exists();
    assertThatThrownBy(() -> patient.publish(model, PublishOptions.DEFAULT.withVersion("000007")))
        .hasMessageContaining("000007, which a publisher began and has not finished");
    publisher.publish(model, PublishOptions.DEFAULT.withVersion("000007"));
    assertThat(versions()).containsExactly("000008", "000007");
  }

  @Test
  void directoriesOfOthersAreNeverCleanedAway() throws Exception {
    Path model = SmallModel.of(6, 4, 1).write(folder.resolve("model"));
    Files.createDirectories(root.resolve("mine/deep"));
    Files.writeString(root.resolve("mine/model.json"), "{}");

    publisher.publish(model, PublishOptions.DEFAULT);

    assertThat(root.resolve("mine/model.json")).exists();
    assertThatThrownBy(() -> publisher.publish(model, PublishOptions.DEFAULT.withVersion("mine")))
        .hasMessageContaining("mine, which exists without a manifest");
  }

  private interface Check {
    void run() throws Exception;
  }

  /**
   * Runs the attempt with a crash at operation 0, 1, 2 … until it gets through; returns how many.
   */
  private int crashEverywhere(Attempt before, Attempt attempt, Check crashed, Check next)
      throws Exception {
    for (int operation = 0; ; operation++) {
      root = folder.resolve("root-" + operation);
      storage = new LocalModelStorage(root);
      before.run(publisher(storage, PATIENT));
      ModelPublisher crashing =
          publisher(FailingStorage.crashingAfter(storage, operation), PATIENT);
      boolean done = true;
      try {
        attempt.run(crashing);
      } catch (IOException e) {
        assertThat(e).hasMessage("crashed");
        done = false;
      }
      boolean released = storage.list(RootLock.DIRECTORY).isEmpty();
      crashed.run();
      storage.delete(RootLock.DIRECTORY); // RootLockTest waits until a claim is stale
      next.run();
      if (done && released) {
        return operation;
      }
    }
  }

  private void assertNothingElseIsThere() throws IOException {
    for (String name : storage.list("")) {
      if (name.equals(RootLock.DIRECTORY)) {
        assertThat(storage.list(name)).isEmpty();
      } else {
        assertThat(versions()).contains(name);
        assertThat(storage.list(name)).noneMatch(file -> file.startsWith("."));
      }
    }
  }
}
