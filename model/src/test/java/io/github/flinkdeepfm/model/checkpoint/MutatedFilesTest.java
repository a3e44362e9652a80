package io.github.flinkdeepfm.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files are read or refused; no other exception comes out, and no read is out of bounds.
 */
class MutatedFilesTest {
  private static final List<String> GOLDEN_FILES =
      List.of(
          "model.json",
          "model.safetensors",
          "input.json",
          "input.safetensors",
          "expected.safetensors");

  @TempDir Path root;

  @Test
  void mutatedTensorFileOpensOrIsRefused() throws IOException {
    byte[] original =
        Files.readAllBytes(Golden.directory("shared_feature_ebc").resolve("input.safetensors"));
    int headerBytes = 8 + ByteBuffer.wrap(original).order(ByteOrder.LITTLE_ENDIAN).getInt();
    Path file = root.resolve("mutated.safetensors");
    Random random = new Random(20);
    int opened = 0;
    for (int i = 0; i < 1500; i++) {
      Files.write(file, mutated(original, headerBytes, random));
      try (SafetensorsFile read = SafetensorsFile.open(file)) {
        for (TensorInfo tensor : read.tensors().values()) {
          assertThat(read.readDoubles(tensor.name())).hasSize((int) tensor.elements());
        }
        opened++;
      } catch (InvalidModelException e) {
        assertThat(e).hasMessageContaining(file.toString()).hasMessageContaining("expected");
      }
    }
    assertThat(opened).isBetween(15, 1000);
  }

  @Test
  void mutatedDirectoryLoadsOrIsRefused() throws IOException {
    Path directory = Files.createDirectory(root.resolve("v1"));
    for (String name : GOLDEN_FILES) {
      Files.copy(Golden.directory("shared_feature_ebc").resolve(name), directory.resolve(name));
    }
    Files.writeString(directory.resolve("words.txt"), "one");
    TestModels.writeManifest(directory, "\"kind\":\"full\"", "2026-01-01T00:00:00Z");
    Random random = new Random(21);
    int loaded = 0;
    for (int i = 0; i < 800; i++) {
      List<String> names =
          List.of("model.json", "model.safetensors", "manifest.json", "input.json");
      Path file = directory.resolve(names.get(i % names.size()));
      byte[] original = Files.readAllBytes(file);
      Files.write(file, mutated(original, Math.min(300, original.length), random));
      try {
        ModelDirectory opened = ModelDirectory.open(directory);
        if (i % 3 == 0) {
          opened.verifyChecksums();
        }
        try (ModelWeights weights = opened.load()) {
          ModelDirectoryTest.row(weights, 1, weights.tables().get(1).rows() - 1);
        }
        ParitySample.read(opened);
        loaded++;
      } catch (InvalidModelException | InvalidConfigurationException e) {
        assertThat(e).hasMessageContaining("expected");
      }
      Files.write(file, original);
    }
    assertThat(loaded).isBetween(10, 600);
  }

  /** Some of the first bytes replaced, mostly by ones that mean something in JSON; maybe cut. */
  private static byte[] mutated(byte[] original, int first, Random random) {
    byte[] telling = "{}[]\",:0123456789-.eE tfnFI\\u\0".getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = original.clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      bytes[random.nextInt(first)] =
          random.nextInt(4) == 0
              ? (byte) random.nextInt(256)
              : telling[random.nextInt(telling.length)];
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 20)) : bytes;
  }
}
