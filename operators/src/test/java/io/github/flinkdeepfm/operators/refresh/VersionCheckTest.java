package io.github.flinkdeepfm.operators.refresh;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.checkpoint.Sha256;
import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the coordinator says of a version before any subtask hears of it. */
class VersionCheckTest {
  @TempDir Path folder;
  private Path root;
  private VersionCheck check;
  private Target full;
  private Target delta;

  @BeforeEach
  void publish() throws Exception {
    root = folder.resolve("root");
    check = new VersionCheck(new LocalModelStorage(root));
    full = publish("v1", Optional.empty());
    delta = publish("v2", Optional.of("v1"));
  }

  private Target publish(String version, Optional<String> base) throws Exception {
    Path directory = Files.createDirectories(root.resolve(version));
    Files.writeString(directory.resolve("data"), "content");
    String manifest =
        """
        {"format":1,"version":"%s",%s,"created_at":"2026-01-01T00:00:00Z",
         "files":[{"name":"data","bytes":7,"sha256":"%s"}]}
        """
            .formatted(
                version,
                base.map(b -> "\"kind\":\"delta\",\"base\":\"" + b + "\"")
                    .orElse("\"kind\":\"full\""),
                Sha256.of("content".getBytes(StandardCharsets.UTF_8)));
    Files.writeString(directory.resolve("manifest.json"), manifest);
    return new Target(version, 0, PublishedVersions.digest(manifest), base);
  }

  private void check(Target target) throws IOException {
    check.check(target, () -> false);
  }

  private static void assertRefused(RefusalReason reason, String file, ThrowingCallable checking) {
    assertThatThrownBy(checking)
        .isInstanceOf(RefusedVersionException.class)
        .hasMessageContaining(file)
        .extracting(e -> ((RefusedVersionException) e).reason())
        .isEqualTo(reason);
  }

  @Test
  void aWholeVersionPassesAndABaseIsReadOnce() throws Exception {
    check(full);
    Files.writeString(root.resolve("v1/data"), "changed");
    check(delta);
  }

  @Test
  void filesOfTheVersionAndOfItsBaseAreCompared() throws Exception {
    Files.writeString(root.resolve("v1/data"), "changed");
    assertRefused(RefusalReason.CHECKSUM, "v1/data: expected SHA-256", () -> check(delta));
    Files.writeString(root.resolve("v1/data"), "short");
    assertRefused(RefusalReason.INCOMPLETE, "v1/data: expected 7 bytes, got 5", () -> check(delta));
    Files.delete(root.resolve("v1/data"));
    assertRefused(RefusalReason.INCOMPLETE, "v1/data: expected the file", () -> check(full));
  }

  @Test
  void aVersionOrBaseThatVanishesIsRefusedByName() throws Exception {
    Files.delete(root.resolve("v1/manifest.json"));
    assertRefused(RefusalReason.MISSING_BASE, "v1/manifest.json", () -> check(delta));
    assertRefused(RefusalReason.INCOMPLETE, "v1/manifest.json", () -> check(full));
  }

  @Test
  void aRootThatIsGoneIsAFailureOfTheStorage() throws Exception {
    Path away = folder.resolve("away");
    Files.move(root, away);
    assertThatThrownBy(() -> check(delta))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a model root with versions in it");
    Files.createDirectory(root); // The mount point is there, what was mounted is not.
    assertThatThrownBy(() -> check(delta)).isInstanceOf(IOException.class);
    Files.delete(root);
    Files.move(away, root);
    assertThatCode(() -> check(delta)).doesNotThrowAnyException();
  }

  @Test
  void whatIsBeingReplacedIsNotRefused() throws Exception {
    publish("v2", Optional.empty());
    assertThatThrownBy(() -> check(delta))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is it being replaced?");
  }

  @Test
  void anOverruledCheckEndsWithoutAnAnswer() {
    assertThatThrownBy(() -> check.check(full, () -> true))
        .isInstanceOf(CancellationException.class);
  }
}
