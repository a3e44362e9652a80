package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nobody else on the machine can read what a cluster in this process writes. */
@Timeout(120)
class LocalClusterFoldersTest {
  private static final String OWNER_ONLY = "rwx------";

  @TempDir Path folder;

  @Test
  void onlyThisUserCanLookIntoWhatItMakes() throws Exception {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    Path shared = Files.createDirectory(folder.resolve("shared"), permissions("rwxr-xr-x"));
    Path tmp = Files.createDirectory(folder.resolve("tmp"), permissions("rwxr-xr-x"));
    Configuration options = new Configuration();
    options.set(CoreOptions.TMP_DIRS, tmp.toString());
    options.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY, "file://" + folder + "/new/checkpoints");
    options.set(CheckpointingOptions.SAVEPOINT_DIRECTORY, shared.toString());
    try (LocalCluster cluster = LocalCluster.start(options, 1)) {
      assertThat(cluster.restAddress()).isNotNull();
      assertThat(filesOf(tmp)).isNotEmpty().allSatisfy(this::isPrivate);
      isPrivate(folder.resolve("new"));
      isPrivate(folder.resolve("new/checkpoints"));
      assertThat(permissionsOf(shared)).as("it was there").isEqualTo("rwxr-xr-x");
    }
    assertThat(filesOf(tmp)).isEmpty();
  }

  private static java.nio.file.attribute.FileAttribute<?> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  private static List<Path> filesOf(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  private void isPrivate(Path path) throws IOException {
    assertThat(permissionsOf(path)).as("%s", path).isEqualTo(OWNER_ONLY);
  }

  private static String permissionsOf(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
