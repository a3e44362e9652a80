package io.github.flinkdeepfm.pipeline.demo;

import io.github.flinkdeepfm.pipeline.replay.ReproductionSummary;
import java.nio.file.Path;
import java.util.concurrent.Future;

/** Starts the job that the demo watches. */
@FunctionalInterface
interface JobStarter {
  /**
   * Returns when the job runs.
   *
   * @param jobFile job.yaml
   * @param savepoints where a stop may leave its savepoint
   */
  RunningJob start(Path jobFile, Path savepoints) throws Exception;

  /** A job under way. */
  interface RunningJob extends AutoCloseable {
    /** Where a browser can look at it. */
    String webInterface();

    /** Done when the job has ended; holds its failure if it failed. */
    Future<?> ended();

    /** Ends the job with its last transaction committed. */
    void stop() throws Exception;

    /** Scores again what the job has scored, each event with the version that its score names. */
    ReproductionSummary reproduce() throws Exception;

    /** Ends it in any state and lets go of everything. */
    @Override
    void close() throws Exception;
  }
}
