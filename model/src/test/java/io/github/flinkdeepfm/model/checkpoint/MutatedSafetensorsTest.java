package io.github.flinkdeepfm.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class MutatedSafetensorsTest {
  private static Path file;
  private static byte[] original;

  @BeforeContainer
  static void readOriginal() throws IOException {
    original =
        Files.readAllBytes(Golden.directory("shared_feature_ebc").resolve("input.safetensors"));
    file = Files.createTempFile("mutated", ".safetensors");
  }

  @AfterContainer
  static void deleteFile() throws IOException {
    Files.delete(file);
  }

  @Property(tries = 3000, seed = "20261123")
  void opensOrIsRefusedAndNeverFailsOtherwise(@ForAll long seed) throws IOException {
    Files.write(file, mutated(new Random(seed)));

    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      for (TensorInfo tensor : opened.tensors().values()) {
        assertThat(opened.readDoubles(tensor.name())).hasSize((int) tensor.elements());
      }
    } catch (InvalidModelException e) {
      assertThat(e).hasMessageContaining(file.toString()).hasMessageContaining("expected");
    }
  }

  /** Some bytes replaced by others, mostly by ones that mean something in JSON; maybe cut. */
  private static byte[] mutated(Random random) {
    String telling = "{}[]\",:0123456789-.eE tfnFI\\u\0";
    byte[] bytes = original.clone();
    int headerBytes = 8 + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(10) == 0 ? random.nextInt(bytes.length) : random.nextInt(headerBytes);
      bytes[at] =
          (byte)
              (random.nextInt(4) == 0
                  ? random.nextInt(256)
                  : telling.charAt(random.nextInt(telling.length())));
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 20)) : bytes;
  }
}
