package io.github.flinkdeepfm.pipeline.demo;

/**
 * What the user can choose.
 *
 * @param events how many are sent
 * @param seed of truth, clicks and model
 * @param parallelism of the job
 * @param rate events a second; 0: as fast as it goes
 * @param keep whether the folder stays
 * @param brokerPort on 127.0.0.1; 0: a free one
 * @param webPort of Flink's web interface on 127.0.0.1; 0: a free one
 */
record DemoSettings(
    int events, long seed, int parallelism, long rate, boolean keep, int brokerPort, int webPort) {

  /** At the default rate about a minute with start and end. */
  static final int DEFAULT_EVENTS = 1_000_000;

  static final long DEFAULT_RATE = 20_000;

  /** As many rows that few events touch as make deltas worth it. */
  private static final int LARGEST_TABLE = 20_000;

  private static final int REFRESHES = 10;
  private static final int FEWEST_BETWEEN = 5_000;
  private static final int MOST_BETWEEN = 100_000;

  /** What the clicks follow. */
  PlantedTruth truth() {
    return new PlantedTruth(seed, LARGEST_TABLE);
  }

  /** Events between two refreshes: a tenth of the run, within bounds. */
  int refreshEvery() {
    return Math.max(FEWEST_BETWEEN, Math.min(MOST_BETWEEN, events / REFRESHES));
  }

  /** Of the event topic. */
  int partitions() {
    return Math.max(2, parallelism);
  }
}
