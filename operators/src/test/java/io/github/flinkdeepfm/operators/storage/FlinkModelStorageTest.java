package io.github.flinkdeepfm.operators.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelRoot;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.publish.LocalVersions;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.Publication;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.model.publish.Retention;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlinkModelStorageTest {
  private static final ModelConfig CONFIG =
      new ModelConfig(
          ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
          1,
          2,
          3,
          false,
          List.of(new EmbeddingBagConfig("t", 10, 4, List.of("f"))));

  @TempDir Path folder;

  /** The local disk with the habits of another file system. */
  private static final class Behaving extends LocalFileSystem {
    private final String scheme;

    Behaving(String scheme) {
      this.scheme = scheme;
    }

    @Override
    public URI getUri() {
      return URI.create(scheme + "://host/");
    }

    @Override
    public boolean rename(org.apache.flink.core.fs.Path from, org.apache.flink.core.fs.Path to)
        throws IOException {
      if (scheme.equals("s3")) {
        throw new AssertionError("a rename on an object store copies");
      }
      return !exists(to) && super.rename(from, to);
    }
  }

  private FlinkModelStorage storage(String scheme) {
    FileSystem fileSystem = new Behaving(scheme);
    return new FlinkModelStorage(
        org.apache.flink.core.fs.Path.fromLocalFile(folder.resolve("root").toFile()), fileSystem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "hdfs", "s3"})
  void publishesDeltasCompactsPinsAndRetires(String scheme) throws Exception {
    FlinkModelStorage storage = storage(scheme);
    ModelPublisher publisher = new ModelPublisher(storage, ModelChecks.standard());
    ModelRoot root = new ModelRoot(folder.resolve("root"));

    publisher.publish(model(0f), PublishOptions.DEFAULT);
    Publication delta = publisher.publish(model(1f), PublishOptions.DEFAULT.withBase("000001"));
    publisher.compact("000002", PublishOptions.DEFAULT);
    publisher.pin("000001");
    publisher.pin("000003");

    assertThat(delta.rowsChanged()).isEqualTo(1);
    assertThat(root.list().refused()).isEmpty();
    assertThat(root.resolve(Optional.empty()).version()).isEqualTo("000003");
    root.resolve(Optional.of("000002")).verifyChecksums();
    assertThat(tensors(folder.resolve("root/000003"))).isEqualTo(tensors(model(1f)));
    assertThat(publisher.retain(new Retention(1, Duration.ZERO, Set.of())))
        .containsExactly("000002", "000001");
    try (var files = Files.walk(folder.resolve("root"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "root",
              ".publishing",
              "control.json",
              "000003",
              "manifest.json",
              "model.json",
              "model.safetensors");
    }
  }

  @Test
  void versionWithItsBasesIsBroughtToTheLocalDisk() throws Exception {
    FlinkModelStorage storage = storage("s3");
    ModelPublisher publisher = new ModelPublisher(storage, ModelChecks.standard());
    publisher.publish(model(0f), PublishOptions.DEFAULT);
    publisher.publish(model(1f), PublishOptions.DEFAULT.withBase("000001"));

    ModelDirectory local = new LocalVersions(storage).open("000002", folder.resolve("cache"));

    local.verifyChecksums();
    assertThat(local.path()).isEqualTo(folder.resolve("cache/000002"));
    assertThat(local.base().orElseThrow().path()).isEqualTo(folder.resolve("cache/000001"));
    assertThatThrownBy(() -> new LocalVersions(storage).open("000009", folder.resolve("cache")))
        .hasMessageContaining("expected the version 000009, got no such version");
  }

  @Test
  void controlFileIsReplacedOnEveryFileSystem() throws Exception {
    for (String scheme : List.of("file", "hdfs", "s3")) {
      FlinkModelStorage storage = storage(scheme);
      storage.announce("control.json", "1".getBytes(StandardCharsets.UTF_8));
      storage.announce("control.json", "2".getBytes(StandardCharsets.UTF_8));

      assertThat(folder.resolve("root/control.json")).hasContent("2");
      assertThat(storage.list("")).containsExactly("control.json");
      storage.delete("control.json");
    }
  }

  @Test
  void rootDecidesTheStorage() throws Exception {
    assertThat(ModelStorages.open(folder.toString()).local("v")).contains(folder.resolve("v"));
    assertThat(ModelStorages.open(folder.toUri().toString()).local("v"))
        .contains(folder.resolve("v"));
    assertThat(ModelStorages.open("relative/root").local("v"))
        .contains(Path.of("relative/root/v").toAbsolutePath());
    assertThatThrownBy(() -> ModelStorages.open("nowhere://bucket/models"))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("model root nowhere://bucket/models")
        .hasMessageContaining("nowhere");
  }

  private Path model(float row3) throws IOException {
    Path directory = Files.createDirectories(folder.resolve("model-" + row3));
    Files.writeString(directory.resolve("model.json"), ModelConfigWriter.toJson(CONFIG));
    SafetensorsWriter writer = new SafetensorsWriter();
    for (StateDict.Entry entry : StateDict.of(CONFIG)) {
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
      Arrays.fill(values, 0.1f);
      if (entry.name().endsWith("t.weight")) {
        values[3 * 4] = row3;
      }
      writer.put(entry.name(), values, shape);
    }
    writer.write(directory.resolve(ModelDirectory.TENSORS));
    return directory;
  }

  private static byte[] tensors(Path directory) throws IOException {
    return Files.readAllBytes(directory.resolve(ModelDirectory.TENSORS));
  }
}
