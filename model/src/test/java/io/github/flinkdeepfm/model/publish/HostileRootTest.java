package io.github.flinkdeepfm.model.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whatever the files of one version are, it alone is refused, by name. */
class HostileRootTest extends PublishTestBase {
  private static final Retention ALL_BUT_ONE = new Retention(1, Duration.ZERO, Set.of());

  private void manifest(String version, String text) throws IOException {
    Files.createDirectories(root.resolve(version));
    Files.writeString(root.resolve(version).resolve("manifest.json"), text);
  }

  private static String text(String version, String createdAt, String more) {
    return "{\"format\":1,\"version\":\"%s\",\"kind\":\"full\",\"created_at\":\"%s\",\"files\":[]%s}"
        .formatted(version, createdAt, more);
  }

  private static final String NOW = "2026-01-01T00:00:00Z";

  @Test
  void publishPinAndReadersGoOnBesideHostileVersions() throws Exception {
    Path source = SmallModel.of(20, 10, 1).write(folder.resolve("source"));
    publisher.publish(source, PublishOptions.DEFAULT.withVersion("000001"));
    manifest("far", text("far", "+999999999-01-01T00:00:00Z", ""));
    manifest("before", text("before", "-999999999-01-01T00:00:00Z", ""));
    manifest("large", text("large", NOW, ",\"provenance\":\"" + "x".repeat(50 << 20) + "\""));
    manifest("deep", text("deep", NOW, ",\"provenance\":" + "[".repeat(100_000)));
    manifest("twice", text("twice", NOW, ",\"version\":\"twice\""));
    manifest("other", text("000001", NOW, ""));
    manifest("empty", "");
    Files.createDirectories(root.resolve("directory/manifest.json"));
    Files.createDirectories(root.resolve("loop"));
    Files.createSymbolicLink(root.resolve("loop/manifest.json"), Path.of("manifest.json"));
    Files.createSymbolicLink(root.resolve("round"), Path.of("round"));
    manifest(
        "itself",
        text("itself", "2020-01-01T00:00:00Z", ",\"base\":\"itself\"").replace("full", "delta"));

    publisher.publish(source, PublishOptions.DEFAULT);
    publisher.pin("000001");
    publisher.unpin();

    PublishedVersions versions = new PublishedVersions(new LocalModelStorage(root));
    assertThat(versions.list().versions())
        .extracting(Manifest::version)
        .containsExactly("itself", "000001", "000002");
    assertThat(versions.list().refused())
        .containsOnlyKeys(
            "far",
            "before",
            "large",
            "deep",
            "twice",
            "other",
            "empty",
            "directory",
            "loop",
            "round")
        .allSatisfy((name, why) -> assertThat(why).contains(name).contains("expected"));
    assertThat(new ModelRoot(root).resolve(Optional.empty()).version()).isEqualTo("000002");
    assertThatThrownBy(() -> publisher.retain(ALL_BUT_ONE))
        .as("nobody knows whose base that version needs")
        .isInstanceOf(IOException.class);
    for (String unread : new String[] {"directory/manifest.json", "loop/manifest.json", "round"}) {
      Files.delete(root.resolve(unread));
    }
    assertThat(publisher.retain(ALL_BUT_ONE)).containsExactly("000001", "itself");
  }

  @Test
  void aRootOfWhichNothingCanBeReadIsNoEmptyRoot() throws Exception {
    Files.createDirectories(root.resolve("directory/manifest.json"));
    assertThatThrownBy(() -> new PublishedVersions(new LocalModelStorage(root)).list())
        .isInstanceOf(IOException.class);
  }
}
