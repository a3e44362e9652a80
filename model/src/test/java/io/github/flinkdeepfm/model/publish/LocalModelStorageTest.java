package io.github.flinkdeepfm.model.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalModelStorageTest {
  @TempDir Path root;

  @Test
  void whatCannotBeLookedAtIsNotMissing() throws Exception {
    LocalModelStorage storage = new LocalModelStorage(root);
    Files.writeString(root.resolve("file"), "");
    Files.createSymbolicLink(root.resolve("loop"), root.resolve("loop"));
    assertThat(storage.exists("file")).isTrue();
    assertThat(storage.exists("")).isTrue();
    assertThat(storage.exists("v1/manifest.json")).isFalse();
    assertThat(storage.exists("file/manifest.json")).isFalse();
    assertThatThrownBy(() -> storage.exists("loop/manifest.json")).isInstanceOf(IOException.class);
  }
}
