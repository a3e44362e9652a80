package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ManifestReader;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process says of a version that it must not use, and that nothing of it is left. */
class BadVersionTest {
  @TempDir Path folder;
  private RefreshRig rig;
  private ModelStore store;
  private VersionLoader loader;
  private ModelStore.Lease active;

  @BeforeEach
  void loadAGoodVersion() throws Exception {
    rig = new RefreshRig(folder);
    rig.publish("v1", 1);
    store = new ModelStore(new SystemMemory());
    loader = new VersionLoader(store, rig.settings(), folder);
    active = loader.load("v1", Optional.empty());
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    active.close();
    loader.close();
    store.clean();
    try (var left = Files.list(folder.resolve("cache"))) {
      assertThat(left).isEmpty();
    }
  }

  private void assertRefused(String version, RefusalReason reason, String detail) {
    assertThatThrownBy(() -> loader.load(version, Optional.of(active.model())))
        .isInstanceOf(RefusedVersionException.class)
        .hasMessageContaining(detail)
        .extracting(e -> ((RefusedVersionException) e).reason())
        .isEqualTo(reason);
    assertThat(store.size()).isEqualTo(1);
  }

  private Path tensors(String version) {
    return rig.root.resolve(version).resolve("model.safetensors");
  }

  @Test
  void aTruncatedFile() throws Exception {
    rig.publish("v2", 2);
    byte[] bytes = Files.readAllBytes(tensors("v2"));
    Files.write(tensors("v2"), Arrays.copyOf(bytes, bytes.length - 1));
    assertRefused(
        "v2",
        RefusalReason.INCOMPLETE,
        "v2/model.safetensors: expected %d bytes, got %d"
            .formatted(bytes.length, bytes.length - 1));
  }

  @Test
  void aWrongChecksum() throws Exception {
    rig.publish("v2", 2);
    byte[] bytes = Files.readAllBytes(tensors("v2"));
    bytes[bytes.length - 1] ^= 1;
    Files.write(tensors("v2"), bytes);
    assertRefused("v2", RefusalReason.CHECKSUM, "v2/model.safetensors: expected SHA-256");
  }

  @Test
  void aMissingFileAndAMissingVersion() throws Exception {
    rig.publish("v2", 2);
    Files.delete(tensors("v2"));
    assertRefused("v2", RefusalReason.INCOMPLETE, "v2/model.safetensors: expected the file");
    assertRefused("v9", RefusalReason.INCOMPLETE, "v9/manifest.json, got no such file");
  }

  @Test
  void aWrongShape() throws Exception {
    rig.publish("v2", 2);
    String config = Files.readString(rig.root.resolve("v2/model.json"));
    Files.writeString(
        rig.root.resolve("v2/model.json"),
        config.replaceFirst("\"hidden_layer_size\" ?: ?5", "\"hidden_layer_size\":6"));
    announceAgain("v2");
    assertRefused("v2", RefusalReason.INVALID, "dense_arch.model.0.weight: expected F32 [6, 2]");
  }

  @Test
  void aGoodVersionOfARefusedOnesNameIsCopiedAnew() throws Exception {
    rig.publish("v2", 2);
    byte[] good = Files.readAllBytes(tensors("v2"));
    byte[] bad = good.clone();
    ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN).putFloat(bad.length - 4, Float.NaN);
    Files.write(tensors("v2"), bad);
    announceAgain("v2");
    assertRefused("v2", RefusalReason.NOT_FINITE, "got NaN");
    Files.write(tensors("v2"), good);
    announceAgain("v2");
    try (ModelStore.Lease lease = loader.load("v2", Optional.of(active.model()))) {
      assertThat(lease.model().version()).isEqualTo("v2");
    }
  }

  @Test
  void aWeightThatIsNotFinite() throws Exception {
    rig.publish("v2", 2);
    byte[] bytes = Files.readAllBytes(tensors("v2"));
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, Float.NaN);
    Files.write(tensors("v2"), bytes);
    announceAgain("v2");
    assertRefused("v2", RefusalReason.NOT_FINITE, "expected finite values, got NaN");
  }

  @Test
  void aMissingBase() throws Exception {
    rig.publish("v2", 2);
    rig.publisher()
        .publish(
            TestModel.write(folder.resolve("made"), "v3", 3),
            PublishOptions.DEFAULT.withVersion("v3").withBase("v2"));
    Files.delete(rig.root.resolve("v2/manifest.json"));
    assertRefused("v3", RefusalReason.MISSING_BASE, "v2/manifest.json, got no such file");
  }

  @Test
  void aParitySampleBeyondItsTolerance() throws Exception {
    rig.publish("v2", 2);
    Files.writeString(
        rig.root.resolve("v2/sample.jsonl"),
        new String(TestModel.event(1).value(), StandardCharsets.UTF_8));
    Files.writeString(
        rig.root.resolve("v2/sample_scores.jsonl"),
        "{\"event_id\":\"e1\",\"logit\":9,\"score\":0}");
    announceAgain("v2");
    assertRefused("v2", RefusalReason.PARITY, "sample logit");
  }

  @Test
  void aVersionThatDoesNotFitBesideTheActiveOne() throws Exception {
    RefreshSettings all = rig.settings();
    long bytes =
        ManifestReader.read(rig.root.resolve("v1/manifest.json")).files().stream()
            .mapToLong(Manifest.FileEntry::bytes)
            .sum();
    rig.publish("v2", 2);
    ModelStore small = new ModelStore(new SystemMemory());
    VersionLoader tight =
        new VersionLoader(
            small,
            new RefreshSettings(
                all.root(), all.at(), 10, 10, false, all.cacheDir(), bytes * 3 / 2, null, "s"),
            folder);
    ModelStore.Lease held = tight.load("v1", Optional.empty());
    assertThatThrownBy(() -> tight.load("v2", Optional.empty()))
        .hasMessageContaining("of version v2: expected room for")
        .extracting(e -> ((RefusedVersionException) e).reason())
        .isEqualTo(RefusalReason.NO_SPACE);
    held.close();
    tight.load("v2", Optional.empty()).close(); // v1 is not in use any more and makes room.
    tight.close();
    small.clean();
  }

  @Test
  void aVersionThatDoesNotFitIntoMemoryBesideTheActiveOneAndADeltaThatDoes() throws Exception {
    rig.publish("v2", 2);
    rig.publishDelta("v3", "v1", 3, new float[] {1, 2, 3, 4});
    long full = TestModel.MAPPED_BYTES + TestModel.PRIVATE_BYTES;
    long available = MemoryBudget.RESERVE + TestModel.MAPPED_BYTES + full - 1;
    ModelStore small = new ModelStore(() -> available);
    VersionLoader tight = new VersionLoader(small, rig.settings(), folder);
    ModelStore.Lease held = tight.load("v1", Optional.empty());
    assertThatThrownBy(() -> tight.load("v2", Optional.of(held.model())))
        .hasMessageContaining(
            "version v2: expected %d bytes of memory free, got %d (of the machine's"
                .formatted(full, full - 1))
        .extracting(e -> ((RefusedVersionException) e).reason())
        .isEqualTo(RefusalReason.NO_SPACE);
    tight.load("v3", Optional.of(held.model())).close();
    held.close();
    tight.load("v2", Optional.empty()).close();
    tight.close();
    small.clean();
  }

  @Test
  void aStorageThatFailsIsTheOnlyPassingReason() throws Exception {
    rig.publish("v2", 2);
    Files.delete(tensors("v2"));
    Files.createDirectory(tensors("v2")); // It is there and cannot be read.
    assertRefused("v2", RefusalReason.STORAGE, "v2: java.io.IOException");
    assertThat(RefusalReason.values()).filteredOn(RefusalReason::isTransient).hasSize(1);
  }

  @Test
  void aDeltaSharesTheMappedFilesOfItsBase() throws Exception {
    rig.publishDelta("v2", "v1", 3, new float[] {1, 2, 3, 4});
    try (ModelStore.Lease lease = loader.load("v2", Optional.of(active.model()))) {
      assertThat(lease.model().weights().changedRows()).isEqualTo(1);
      assertThat(lease.model().weights().mappedBytes())
          .isEqualTo(active.model().weights().mappedBytes() + 16);
      float[] row = new float[4];
      active.close(); // The mapping stays as long as one of the two versions does.
      lease.model().weights().tables().get(0).readRow(3, row, 0);
      assertThat(row).containsExactly(1, 2, 3, 4);
      lease.model().weights().tables().get(0).readRow(2, row, 0);
      assertThat(row).isNotEqualTo(new float[4]);
    }
  }

  @Test
  void aDonorThatIsClosedMeanwhileIsNotTheVersionsFault() throws Exception {
    rig.publishDelta("v2", "v1", 3, new float[] {1, 2, 3, 4});
    active.close();
    try (ModelStore.Lease lease = loader.load("v2", Optional.of(active.model()))) {
      float[] row = new float[4];
      lease.model().weights().tables().get(0).readRow(3, row, 0);
      assertThat(row).containsExactly(1, 2, 3, 4);
    }
  }

  /** Writes the manifest anew, so that its checksums are those of the files as they now are. */
  private void announceAgain(String version) throws Exception {
    Manifest old = ManifestReader.read(rig.root.resolve(version).resolve("manifest.json"));
    List<String> names;
    try (var files = Files.list(rig.root.resolve(version))) {
      names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.equals("manifest.json") && !name.startsWith("."))
              .sorted()
              .toList();
    }
    List<Manifest.FileEntry> entries = new ArrayList<>();
    for (String name : names) {
      entries.add(rig.entry(version, name));
    }
    rig.write(
        new Manifest(version, old.kind(), old.base(), old.createdAt(), entries, old.provenance()));
  }
}
