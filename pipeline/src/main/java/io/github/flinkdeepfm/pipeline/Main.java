package io.github.flinkdeepfm.pipeline;

import io.github.flinkdeepfm.pipeline.cli.Cli;

/** The entry point of the command line and of {@code flink run}. */
public final class Main {
  private Main() {}

  /** Exits with 1 if a check or a job failed, with 2 for wrong usage or configuration. */
  public static void main(String[] args) {
    int code = Cli.execute(args);
    // With 0 main returns: in a cluster's client or JobManager the JVM is not ours to end.
    if (code != 0) {
      System.exit(code);
    }
  }
}
