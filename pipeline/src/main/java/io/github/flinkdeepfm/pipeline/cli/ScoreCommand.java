package io.github.flinkdeepfm.pipeline.cli;

import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.pipeline.config.JobConfig.ScoringConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.file.FileScoring;
import io.github.flinkdeepfm.pipeline.file.Summary;
import io.github.flinkdeepfm.pipeline.job.ModelLocator;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code score}: the job's operators over a file. */
@Command(
    name = "score",
    description = "Scores a file of JSON lines, in order; dead letters go to OUTPUT.dead.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ScoreCommand implements Callable<Integer> {
  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
  Path model;

  @Option(names = "--input", required = true, paramLabel = "FILE", description = "Events.")
  Path input;

  @Option(names = "--output", required = true, paramLabel = "FILE", description = "Scores.")
  Path output;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "job.yaml, of which event, output and batch are used.")
  Optional<Path> configFile = Optional.empty();

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    checkFiles();
    ScoringConfig config =
        configFile
            .map(file -> new JobConfigReader(System.getenv()).readScoringOfLines(file))
            .orElse(ScoringConfig.DEFAULT);
    ModelLocation location = ModelLocator.directory(model);
    FileScoring scoring =
        new FileScoring(input, output, config, ScoringJob.settings(config, location));
    long start = System.nanoTime();
    Summary summary =
        scoring.run(
            sofar -> spec.commandLine().getErr().printf("%d events so far%n", sofar.events()));
    double seconds = (System.nanoTime() - start) / 1e9;
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%d events, %d scored, %d dead letters %s, %.1f s, %.0f rows/s, model %s%n",
            summary.events(),
            summary.scored(),
            summary.events() - summary.scored(),
            summary.deadLetters(),
            seconds,
            summary.events() / seconds,
            location.version());
    return 0;
  }

  private void checkFiles() throws Exception {
    if (!Files.isRegularFile(input) || !Files.isReadable(input)) {
      throw new ParameterException(
          spec.commandLine(), "--input: expected a readable file, got " + input);
    }
    Path folder = output.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new ParameterException(
          spec.commandLine(), "--output: expected a file in a writable folder, got " + output);
    }
    for (Path written : new Path[] {output, FileScoring.deadLetters(output)}) {
      if (Files.isDirectory(written)
          || (Files.exists(written) && Files.isSameFile(written, input))) {
        throw new ParameterException(
            spec.commandLine(), "--output: expected another file than " + written);
      }
    }
  }
}
