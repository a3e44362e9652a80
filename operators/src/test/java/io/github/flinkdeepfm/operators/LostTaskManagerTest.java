package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A whole process is lost in the middle of a refresh: nothing is mixed, lost or counted twice. */
@Timeout(90)
class LostTaskManagerTest {
  /** One source split for each subtask, split there. */
  private static final long EVENTS = 1_000_000;

  @TempDir Path folder;
  private RefreshRig rig;

  @BeforeEach
  void makeRig() throws Exception {
    rig = new RefreshRig(folder);
    rig.lastEvent(EVENTS - 1);
    rig.publish("v1", 1);
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  @ParameterizedTest
  @CsvSource({
    "AFTER_PREPARE, 0",
    "AFTER_PREPARE, 1",
    "BEFORE_BARRIER, 0",
    "BEFORE_BARRIER, 1",
    "IN_SNAPSHOT, 0",
    "IN_SNAPSHOT, 1",
    "AFTER_BARRIER, 0",
    "AFTER_BARRIER, 1"
  })
  void everyEventCountsOnceAndVersionsAgree(Intrusion.Point point, int taskManager)
      throws Exception {
    Intrusion intrusion = Intrusion.of(rig.name());
    intrusion.stopOnce("v2", 1, point);
    rig.start(intrusion.factory(rig.scoring("v1")));
    rig.awaitCommitted("v1");
    rig.publish("v2", 2);
    Await.until("subtask 1 is " + point, intrusion::hasFailed);
    rig.cluster.terminateTaskManager(taskManager).get();
    intrusion.release();
    rig.cluster.startTaskManager();
    rig.awaitCommitted("v2");
    rig.publish("v3", 3);
    rig.awaitCommitted("v3");

    rig.log.assertOneVersionAnEpoch();
    assertCountedOnce(0, EVENTS / 2);
    assertCountedOnce(EVENTS / 2, EVENTS);
  }

  private void assertCountedOnce(long from, long to) {
    List<Long> counted =
        rig.log.committed().values().stream()
            .flatMap(List::stream)
            .map(CommittedScores.Score::offset)
            .filter(offset -> offset >= from && offset < to)
            .sorted()
            .toList();
    assertThat(counted)
        .isNotEmpty()
        .isEqualTo(LongStream.range(from, from + counted.size()).boxed().toList());
  }
}
