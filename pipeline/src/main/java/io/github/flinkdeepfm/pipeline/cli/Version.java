package io.github.flinkdeepfm.pipeline.cli;

import io.github.flinkdeepfm.model.Release;
import picocli.CommandLine.IVersionProvider;

/** The version that the jar's manifest names. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"flink-deepfm " + Release.name(), "Java " + Runtime.version()};
  }
}
