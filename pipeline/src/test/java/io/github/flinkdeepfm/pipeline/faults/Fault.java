package io.github.flinkdeepfm.pipeline.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/** What goes wrong; each is inflicted and mended again. */
enum Fault {
  TASK_MANAGER_KILLED("kill -9 of a TaskManager, a new one 1 s later", 500) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      stand.victim().kill();
      stand.struckNow();
      Thread.sleep(1000);
      stand.cluster().startTaskManager();
    }
  },

  JOB_MANAGER_KILLED("kill -9 of the JobManager, the job resumed from its checkpoint", 500) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      stand.cluster().jobManager().kill();
      stand.struckNow();
      stand.cluster().startJobManager();
      stand.cluster().awaitTaskManagers(1);
      stand.job().resumeFromCheckpoint();
    }
  },

  BROKER_KILLED("kill -9 of the broker, started again 1 s later", 1000) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      stand.cluster().broker().kill();
      stand.struckNow();
      Thread.sleep(1000);
      stand.cluster().startBroker(List.of());
    }
  },

  RESCALED("stopped with a savepoint, resumed at another parallelism", 500) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      String savepoint = stand.job().stopWithSavepoint();
      stand.struckNow(); // the savepoint has committed scores, too
      stand.job().submit(stand.job().parallelism() == 2 ? 3 : 2, Optional.of(savepoint));
    }
  },

  TOPIC_CHANGED("stopped with a savepoint, another events.topic refused, resumed", 500) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      String savepoint = stand.job().stopWithSavepoint();
      stand.struckNow();
      assertThat(stand.job().submitOtherTopic(savepoint))
          .contains("events.topic: expected the topic of the offsets in the job's state, events-")
          .contains("--allow-new-topic");
      stand.job().submit(stand.job().parallelism(), Optional.of(savepoint));
    }
  },

  RETENTION_IN_A_STOP(
      "stopped with a savepoint, read events deleted, resumed with events.start: latest", 500) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      String savepoint = stand.job().stopWithSavepoint();
      stand.struckNow();
      stand.deleteReadEvents();
      stand.job().startAtLatest();
      stand.job().submit(stand.job().parallelism(), Optional.of(savepoint));
    }
  },

  RECORDS_REFUSED("score topic takes nothing: failed once, resumed when it does again", 500) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      stand.limitRecords(stand.scoreTopic(), FaultStand.NO_RECORD);
      stand.job().awaitFailed();
      stand.struckNow();
      stand.limitRecords(stand.scoreTopic(), 1 << 20);
      stand.job().resumeFromCheckpoint();
    }
  },

  TINY_DEAD_LETTERS("dead-letter topic takes nothing: failed once, resumed with 4 KiB", 500) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      stand.limitRecords(stand.deadLetterTopic(), FaultStand.NO_RECORD);
      stand.job().awaitFailed();
      stand.struckNow();
      stand.limitRecords(stand.deadLetterTopic(), 4096);
      stand.job().resumeFromCheckpoint();
    }
  },

  TASK_MANAGER_PAUSED("SIGSTOP of a TaskManager for 8 s, heartbeat timeout 5 s", 3000) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      ServerJvm victim = stand.victim();
      victim.pause();
      stand.struckNow();
      Thread.sleep(8000);
      victim.resume();
    }
  },

  DISK_FULL("no space for checkpoints for 5 s", 4500) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      Files.createFile(stand.cluster().diskFullFlag());
      stand.struckNow();
      Thread.sleep(5000);
      Files.delete(stand.cluster().diskFullFlag());
    }
  },

  MODEL_ROOT_VANISHED("model root renamed for 5 s", 0) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      stand.versions().vanish();
      Thread.sleep(5000);
      stand.versions().comeBack();
    }
  },

  CANARY_ACROSS_STOP("stopped with a savepoint, resumed beside a new version of bias 9", 500) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      String savepoint = stand.job().stopWithSavepoint();
      String biased = stand.versions().publishBiased();
      stand.struckNow(); // the savepoint has committed scores, too
      stand.job().submit(stand.job().parallelism(), Optional.of(savepoint));
      FaultStand.await(
          "the canary's refusal of " + biased,
          () -> stand.cluster().countInLogs("jobmanager.log", biased + " refused (CANARY)") > 0);
      assertThat(stand.ledger().versions()).doesNotContain(biased);
      stand.versions().goOn();
    }
  },

  POISONED_ROOT("two versions in the root whose manifests are beyond all bounds", 0) {
    @Override
    void inflict(FaultStand stand) throws Exception {
      stand.versions().poison();
      Thread.sleep(5000);
    }
  };

  private final String text;
  private final long leastMillis;

  Fault(String text, long leastMillis) {
    this.text = text;
    this.leastMillis = leastMillis;
  }

  /** A recovery that is faster shows that the fault did not hit the job at all. */
  long leastMillis() {
    return leastMillis;
  }

  /**
   * Whether it needs a job that runs, or one that follows its root, and no other fault beside it.
   */
  boolean isOperation() {
    return switch (this) {
      case RESCALED,
          TOPIC_CHANGED,
          RETENTION_IN_A_STOP,
          RECORDS_REFUSED,
          TINY_DEAD_LETTERS,
          CANARY_ACROSS_STOP,
          POISONED_ROOT ->
          true;
      default -> false;
    };
  }

  /** Returns when its cause is gone; the job may still be recovering then. */
  abstract void inflict(FaultStand stand) throws Exception;

  @Override
  public String toString() {
    return text;
  }
}
