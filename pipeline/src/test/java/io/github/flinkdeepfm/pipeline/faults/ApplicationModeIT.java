package io.github.flinkdeepfm.pipeline.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.refresh.SoakModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The mode in which image and manifests run the job: its main in the JobManager, once more in each
 * JobManager that takes over. One is killed; the next one goes on with the job from the last
 * checkpoint, and every event comes out once.
 */
@Timeout(300)
class ApplicationModeIT {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int PARTITIONS = 4;

  @Test
  void aKilledJobManagersSuccessorGoesOnAndEveryEventIsScoredOnce() throws Exception {
    try (ApplicationProcesses cluster = new ApplicationProcesses();
        EmbeddedKafka broker = EmbeddedKafka.start(cluster.folder().resolve("broker"))) {
      broker.createTopic("events", PARTITIONS, Map.of());
      broker.createTopic("scores", PARTITIONS, Map.of());
      broker.createTopic("events-dead", 1, Map.of());
      Path root = cluster.folder().resolve("models");
      SoakModel model = new SoakModel(root, 1 << 20, 64);
      model.writeFull(1);
      FaultEvents events = new FaultEvents(9, model.rows());
      Path job = jobFile(cluster, broker, root);

      cluster.startZooKeeper();
      ServerJvm jobManager = cluster.startJobManager(job);
      cluster.startTaskManager();
      Ledger ledger = new Ledger(PARTITIONS);
      long sent;
      try (OutcomeReader reader =
          new OutcomeReader(broker.bootstrapServers(), "scores", "events-dead", ledger)) {
        try (EventLoad load =
            new EventLoad(broker.bootstrapServers(), events, "events", PARTITIONS, 500)) {
          await("scores", jobManager, () -> ledger.accounted() > 500);
          model.writeDelta(2, 1);
          await("a refresh", jobManager, () -> ledger.versions().contains(SoakModel.name(2)));

          jobManager.kill();
          ledger.watch(System.currentTimeMillis());
          ServerJvm successor = cluster.startJobManager(job);
          await("the job, restored by the successor", successor, () -> restored(cluster));
          await("a score after the kill", successor, () -> ledger.firstScoreSince() > 0);
          model.writeDelta(3, 2);
          await("another refresh", successor, () -> ledger.versions().contains("000003"));
          sent = load.sent();
          await("every event", successor, () -> ledger.complete() >= sent);
        }
      }
      new BitCheck(root, events, ledger).upTo((int) sent);
      assertThat(ledger.missing(sent)).isZero();
      assertThat(ledger.doubled()).as("%s", ledger.mistakes()).isZero();
      assertThat(ledger.unexpected()).as("%s", ledger.mistakes()).isZero();
    }
  }

  /** Whether the only job runs, and from a checkpoint. */
  private static boolean restored(ApplicationProcesses cluster)
      throws IOException, InterruptedException {
    JsonNode jobs = cluster.rest().get("/jobs/overview").get("jobs");
    assertThat(jobs).hasSize(1);
    assertThat(jobs.at("/0/state").asText()).isEqualTo("RUNNING");
    JsonNode checkpoints =
        cluster.rest().get("/jobs/" + jobs.at("/0/jid").asText() + "/checkpoints");
    return checkpoints.at("/latest/restored/id").asLong() > 0;
  }

  /** The compose file's, with this machine's broker and folders. */
  private static Path jobFile(ApplicationProcesses cluster, EmbeddedKafka broker, Path root)
      throws IOException {
    ObjectNode job =
        (ObjectNode)
            YAML.readTree(ClusterProcesses.HOME.resolve("deploy/docker/job.yaml").toFile());
    ((ObjectNode) job.get("kafka"))
        .put("bootstrap.servers", broker.bootstrapServers())
        .put("compression.type", "snappy"); // by the native library in Flink's lib
    ((ObjectNode) job.get("model")).put("root", root.toString()).put("poll", "500ms");
    ((ObjectNode) job.at("/model/cache")).put("dir", cluster.folder().resolve("cache").toString());
    ((ObjectNode) job.get("flink")).put("checkpoint_interval", "1s");
    Path file = cluster.folder().resolve("conf/job.yaml");
    YAML.writeValue(file.toFile(), job);
    return file;
  }

  private static void await(String what, ServerJvm jobManager, Callable<Boolean> condition)
      throws InterruptedException {
    Await.until(
        what,
        PATIENCE,
        () -> {
          assertThat(jobManager.isAlive()).as("the JobManager lives").isTrue();
          return condition.call();
        });
  }
}
