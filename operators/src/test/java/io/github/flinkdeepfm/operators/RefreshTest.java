package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole jobs follow a model root: one version between two completed checkpoints. */
@Timeout(60)
class RefreshTest {
  @TempDir Path folder;
  private RefreshRig rig;

  @BeforeEach
  void makeRig() throws Exception {
    rig = new RefreshRig(folder);
    rig.publish("v1", 1);
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  @Test
  void sourceMicroBatcherAndScorerStayOneVertex() {
    var graph = rig.graph(new RefreshingMicroBatchFactory(rig.scoring("v1"))).getJobGraph();
    assertThat(graph.getNumberOfVertices()).isEqualTo(1);
  }

  @Test
  void allSubtasksSwitchAtOneCheckpoint() throws Exception {
    rig.start("v1");
    rig.awaitCommitted("v1");
    rig.publish("v2", 2);
    rig.awaitCommitted("v2");
    rig.publish("v3", 3);
    rig.awaitCommitted("v3");
    assertOneVersionAnEpoch();
  }

  private void assertOneVersionAnEpoch() {
    rig.log
        .committed()
        .forEach(
            (checkpoint, scores) ->
                assertThat(scores.stream().map(CommittedScores.Score::version).distinct())
                    .as("versions up to checkpoint %d", checkpoint)
                    .hasSize(1));
    List<String> order =
        rig.log.committed().values().stream()
            .filter(scores -> !scores.isEmpty())
            .map(scores -> scores.get(0).version())
            .toList();
    assertThat(order).isSorted();
  }
}
