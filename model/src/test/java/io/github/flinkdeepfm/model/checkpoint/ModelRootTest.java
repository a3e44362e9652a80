package io.github.flinkdeepfm.model.checkpoint;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRootTest {
  @TempDir Path directory;

  @Test
  void newestIsTheGreatestByTimeThenByVersion() throws IOException {
    publish("b", "2026-01-01T10:00:00Z");
    publish("c", "2026-01-01T10:30:00+02:00");
    publish("a", "2026-01-01T10:00:00Z");
    ModelRoot root = new ModelRoot(directory);

    assertThat(root.list().versions()).extracting(Manifest::version).containsExactly("c", "a", "b");
    assertThat(root.newest()).map(Manifest::version).contains("b");
    assertThat(root.resolve(Optional.empty()).version()).isEqualTo("b");
    assertThat(root.resolve(Optional.of("a")).version()).isEqualTo("a");
  }

  @Test
  void versionsWithoutManifestDoNotExist() throws IOException {
    publish("v1", "2026-01-01T00:00:00Z");
    TestModels.writeBare(directory.resolve("v2"), 2);
    ModelRoot root = new ModelRoot(directory);

    assertThat(root.resolve(Optional.empty()).version()).isEqualTo("v1");
    assertThatThrownBy(() -> root.resolve(Optional.of("v2")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected the requested version \"v2\", got no such version");
    assertThatThrownBy(() -> root.resolve(Optional.of("../" + directory.getFileName())))
        .isInstanceOf(InvalidModelException.class);
  }

  @Test
  void brokenManifestIsRefusedByNameAndTheOthersGoOn() throws IOException {
    publish("v1", "2026-01-01T00:00:00Z");
    Files.writeString(
        publish("v2", "2026-02-01T00:00:00Z").resolve(ModelDirectory.MANIFEST), "{\"format\":1");
    Files.copy(
        directory.resolve("v1").resolve(ModelDirectory.MANIFEST),
        Files.createDirectory(directory.resolve("v3")).resolve(ModelDirectory.MANIFEST));

    ModelRoot.Listing listing = new ModelRoot(directory).list();

    assertThat(listing.versions()).extracting(Manifest::version).containsExactly("v1");
    assertThat(listing.refused()).containsOnlyKeys("v2", "v3");
    assertThat(listing.refused().get("v3")).contains("expected version v3, got v1");
  }

  @Test
  void aManifestBeyondTheBoundsIsRefusedByNameAndTheOthersGoOn() throws IOException {
    publish("v1", "2026-01-01T00:00:00Z");
    publish("far", "+999999999-01-01T00:00:00Z");
    publish("early", "1969-12-31T23:59:59Z");
    publish("last", "9999-12-31T23:59:59.999Z");
    String file = ",{\"name\":\"f%d\",\"bytes\":1,\"sha256\":\"" + "0".repeat(64) + "\"}";
    manifest("many", IntStream.range(0, 10_001).mapToObj(file::formatted).collect(joining()));
    manifest("long", " ".repeat(4 << 20));
    manifest("wide", file.formatted(1).replace("\"bytes\":1", "\"bytes\":" + Long.MAX_VALUE));

    ModelRoot.Listing listing = new ModelRoot(directory).list();

    assertThat(listing.versions()).extracting(Manifest::version).containsExactly("v1", "last");
    assertThat(listing.refused()).containsOnlyKeys("far", "early", "many", "long", "wide");
    assertThat(listing.refused().get("far")).contains("from 1970 to 9999");
    assertThat(listing.refused().get("many")).contains("files: expected at most 10000, got 10003");
    assertThat(listing.refused().get("long")).contains("expected at most 4194304 bytes, got more");
    assertThat(listing.refused().get("wide")).contains("files[2].bytes: expected a size from 0");
  }

  /** A version whose manifest lists more files. */
  private void manifest(String version, String more) throws IOException {
    Path manifest = publish(version, "2026-01-02T00:00:00Z").resolve(ModelDirectory.MANIFEST);
    String text = Files.readString(manifest);
    int end = text.lastIndexOf(']');
    Files.writeString(manifest, text.substring(0, end) + more + text.substring(end));
  }

  @Test
  void pinDecidesWhileItIsThere() throws IOException {
    publish("v1", "2026-01-01T00:00:00Z");
    publish("v2", "2026-02-01T00:00:00Z");
    ModelRoot root = new ModelRoot(directory);

    control("{\"pin\":\"v1\"}");
    assertThat(root.resolve(Optional.empty()).version()).isEqualTo("v1");
    assertThat(root.resolve(Optional.of("v2")).version()).isEqualTo("v2");

    control("{\"pin\":null}");
    assertThat(root.resolve(Optional.empty()).version()).isEqualTo("v2");

    control("{\"pin\":\"v9\"}");
    assertThatThrownBy(() -> root.resolve(Optional.empty()))
        .hasMessageContaining("expected the pinned version \"v9\", got no such version");

    control("{\"pin\":\"../v1\",\"pins\":1}");
    assertThatThrownBy(root::pin)
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("2 problems");
  }

  @Test
  void aDirectoryWhoseManifestNamesAnotherVersionIsNotThatVersion() throws IOException {
    Files.move(publish("v1", "2026-01-01T00:00:00Z"), directory.resolve("v2"));

    assertThatThrownBy(() -> new ModelRoot(directory).resolve(Optional.of("v2")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected version v2, got v1");
  }

  @Test
  void emptyOrMissingRootSaysSo() {
    for (Path path : new Path[] {directory, directory.resolve("none")}) {
      ModelRoot root = new ModelRoot(path);
      assertThat(root.newest()).isEmpty();
      assertThatThrownBy(() -> root.resolve(Optional.empty()))
          .isInstanceOf(InvalidModelException.class)
          .hasMessage(
              path + ": expected at least one version with manifest.json, got an empty root");
    }
  }

  private Path publish(String version, String createdAt) throws IOException {
    Path path = TestModels.writeBare(directory.resolve(version), 1);
    return TestModels.writeManifest(path, "\"kind\":\"full\"", createdAt);
  }

  private void control(String json) throws IOException {
    Files.writeString(directory.resolve(ModelRoot.CONTROL), json);
  }
}
