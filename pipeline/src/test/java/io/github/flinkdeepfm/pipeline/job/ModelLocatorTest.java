package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.operators.ModelRootUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A root on a storage that fails for a while, or for good. */
class ModelLocatorTest {
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final Retries SHORT = new Retries(PAUSE, PAUSE, Duration.ofSeconds(30));

  @TempDir Path root;

  private final List<String> progress = new ArrayList<>();

  @BeforeEach
  void announce() throws Exception {
    Files.writeString(
        Files.createDirectories(root.resolve("v1")).resolve("manifest.json"),
        """
        {"format":1,"version":"v1","kind":"full","created_at":"2026-01-01T00:00:00Z","files":[]}
        """);
  }

  @AfterEach
  void storageAnswers() {
    RemoteFileSystem.failNext(0);
  }

  private ModelLocation locate(Retries retries, Optional<String> version) {
    return ModelLocator.patiently(
        retries, () -> ModelLocation.inRoot("remote://" + root, version, 10_000), progress::add);
  }

  @Test
  void aStorageThatFailsIsAskedAgainAndEachTimeSaysSo() {
    RemoteFileSystem.failNext(3);
    assertThat(locate(SHORT, Optional.empty()).version()).isEqualTo("v1");
    assertThat(progress)
        .hasSize(3)
        .allMatch(line -> line.contains("storage") && line.contains("asked again in"));
  }

  @Test
  void aStorageThatStaysAwayIsAnOutageAndNoMistakeOfTheModel() {
    RemoteFileSystem.failNext(Integer.MAX_VALUE);
    assertThatThrownBy(
            () -> locate(new Retries(PAUSE, PAUSE, Duration.ofMillis(200)), Optional.empty()))
        .isInstanceOf(ModelRootUnavailableException.class)
        .hasMessageContaining("remote://" + root)
        .hasMessageContaining("tried " + (progress.size() + 1) + " times");
    assertThat(progress).isNotEmpty();
  }

  @Test
  void aVersionThatIsNotThereIsNotWaitedFor() {
    assertThatThrownBy(() -> locate(SHORT, Optional.of("v9")))
        .isInstanceOf(InvalidModelException.class);
    assertThat(progress).isEmpty();
  }

  @Test
  void pausesDoubleUpToTheLongest() {
    Retries retries = Retries.DEFAULT;
    List<Long> pauses = new ArrayList<>();
    for (Duration p = retries.first(); pauses.size() < 7; p = retries.after(p)) {
      pauses.add(p.toSeconds());
    }
    assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L);
  }
}
