package io.github.flinkdeepfm.operators.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;

class ModelStoragesTest {
  private static final String ROOT = "hanging:///models";

  /** As a process of Flink's gives one to a job's main. */
  private static final class OfFlink extends StreamExecutionEnvironment {
    static void set() {
      initializeContextEnvironment(configuration -> new OfFlink());
    }

    static void reset() {
      resetContextEnvironment();
    }
  }

  /** Flink forgets its file systems when it is initialised. */
  @Test
  void onlyAProcessThatFlinkDidNotStartInitialisesItsFileSystems() throws Exception {
    FileSystem before = FileSystem.get(URI.create(ROOT));
    OfFlink.set();
    try {
      ModelStorages.openWithPlugins(ROOT);
      assertThat(FileSystem.get(URI.create(ROOT))).isSameAs(before);
    } finally {
      OfFlink.reset();
    }
    ModelStorages.openWithPlugins(ROOT);
    assertThat(FileSystem.get(URI.create(ROOT))).isNotSameAs(before);
  }
}
