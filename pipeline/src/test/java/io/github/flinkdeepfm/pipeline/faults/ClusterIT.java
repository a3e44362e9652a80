package io.github.flinkdeepfm.pipeline.faults;

import io.github.flinkdeepfm.pipeline.faults.FaultStand.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The faults of the suite that every build inflicts; see {@link FaultsIT} for all. */
@Timeout(420)
class ClusterIT {
  @Test
  void everyEventIsScoredOnceThroughAFewFaults() throws Exception {
    Shape shape = new Shape("short", 1024, FaultStand.CANARY, "rows: 256", 1000);
    try (ClusterProcesses cluster = new ClusterProcesses("short", 2)) {
      cluster.start(2, shape.topics());
      try (FaultStand stand = new FaultStand(cluster, shape, 1, new FaultReport())) {
        stand.start(2, true);
        for (Fault fault :
            List.of(
                Fault.TASK_MANAGER_KILLED,
                Fault.RESCALED,
                Fault.CANARY_ACROSS_STOP,
                Fault.POISONED_ROOT)) {
          stand.strike(fault, true);
        }
      }
    }
  }
}
