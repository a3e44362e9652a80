package io.github.flinkdeepfm.pipeline.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version that the jar's manifest names. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "flink-deepfm "
          + Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
              .orElse("(not from a jar)"),
      "Java " + Runtime.version()
    };
  }
}
