package io.github.flinkdeepfm.pipeline.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code verify}: runs a model directory's parity samples. */
@Command(
    name = "verify",
    description = "Loads a model directory and compares its outputs with its parity samples.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class VerifyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "A model directory.")
  Path directory;

  @Override
  public Integer call() {
    throw new UnsupportedOperationException("lands with model.serving.ParityCheck");
  }
}
