package io.github.flinkdeepfm.pipeline.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.faults.FaultStand.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import org.apache.flink.util.ChildFirstClassLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One session cluster, whose processes stay while its job is cancelled and submitted again, is
 * rescaled, and becomes a new release. Each submission has a class loader of its own; ND4J's
 * libraries are loaded once, by the cluster's.
 */
@Timeout(600)
class UpgradeIT {
  private static final String NEXT_RELEASE = "99.1.0";
  private static final String STARTED = " of flink-deepfm starts with model ";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private interface Ending {
    String savepoint() throws Exception;
  }

  @Test
  void everyEventIsScoredOnceThroughResubmissionsARescaleAndANewJar() throws Exception {
    Shape shape = new Shape("upgrade", 64, "", "rows: 256", 500);
    try (ClusterProcesses cluster = new ClusterProcesses("upgrade", 2)) {
      Path next = nextRelease(cluster.folder());
      cluster.start(1, shape.topics());
      try (FaultStand stand = new FaultStand(cluster, shape, 3, new FaultReport())) {
        JobControl job = stand.job();
        stand.start(1, true);
        assertOldClassesAreGone(cluster);
        long metaspace = stand.victim().metaspaceBytes();

        for (int time = 1; time <= 3; time++) {
          resubmit("cancelled, time " + time, stand, 1, time == 3, job::cancelWithSavepoint);
          assertOldClassesAreGone(cluster);
        }
        assertThat(stand.victim().metaspaceBytes()).isLessThan(metaspace * 5 / 4);
        resubmit("rescaled", stand, 2, false, job::stopWithSavepoint);
        assertThat(cluster.countInLogs("release " + NEXT_RELEASE + STARTED)).isZero();
        job.useJar(next);
        resubmit("upgraded", stand, 2, true, job::stopWithSavepoint);
        assertThat(cluster.countInLogs("release " + NEXT_RELEASE + STARTED))
            .as("subtasks")
            .isGreaterThanOrEqualTo(2);
        assertOldClassesAreGone(cluster);
        assertThat(cluster.countInLogs("UnsatisfiedLinkError")).isZero();
      }
    }
  }

  /** Every event comes out exactly once, and the job that is submitted may have to refresh. */
  private static void resubmit(
      String what, FaultStand stand, int parallelism, boolean newVersion, Ending ending)
      throws Exception {
    stand.strike(
        what,
        newVersion,
        () -> {
          String savepoint = ending.savepoint();
          stand.struckNow();
          stand.job().submit(parallelism, Optional.of(savepoint));
        });
  }

  private static void assertOldClassesAreGone(ClusterProcesses cluster) throws Exception {
    for (ServerJvm jvm : List.of(cluster.jobManager(), cluster.taskManager(Optional.empty()))) {
      Await.until(
          "one class loader of a job in the " + jvm.name(),
          PATIENCE,
          () -> jvm.liveInstances(ChildFirstClassLoader.class.getName()) == 1);
    }
  }

  /** The job's jar as another release: the same classes under another version. */
  private static Path nextRelease(Path folder) throws IOException {
    Path jar = Files.copy(ClusterProcesses.JOB_JAR, folder.resolve("next-release.jar"));
    try (FileSystem files = FileSystems.newFileSystem(jar)) {
      Path file = files.getPath("META-INF", "MANIFEST.MF");
      Manifest manifest;
      try (InputStream in = Files.newInputStream(file)) {
        manifest = new Manifest(in);
      }
      manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, NEXT_RELEASE);
      try (OutputStream out = Files.newOutputStream(file)) {
        manifest.write(out);
      }
    }
    return jar;
  }
}
