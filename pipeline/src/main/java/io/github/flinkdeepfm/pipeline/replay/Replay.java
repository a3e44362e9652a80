package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.job.ModelLocation;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import java.nio.file.Path;
import java.util.Optional;

/** What the {@code replay} command, and the demo at its end, can do with a recording. */
public final class Replay {
  private final JobConfig config;
  private final Recording recording;
  private final int parallelism;
  private final Path findingsFile;

  private Replay(JobConfig config, Recording recording, int parallelism, Path findingsFile) {
    this.config = config;
    this.recording = recording;
    this.parallelism = parallelism;
    this.findingsFile = findingsFile;
  }

  /**
   * A replay of the whole event topic of a job, at the job's parallelism.
   *
   * @param findingsFile where findings go, if there are any
   */
  public static Replay ofTopic(JobConfig config, Path findingsFile) {
    return of(
        config,
        new KafkaRecording(config, RangeBound.NONE, RangeBound.NONE),
        config.flink().parallelism(),
        findingsFile);
  }

  static Replay of(JobConfig config, Recording recording, int parallelism, Path findingsFile) {
    return new Replay(config, recording, parallelism, findingsFile);
  }

  /** Scores the range again with the versions that its recorded scores name, and compares. */
  public ReproductionSummary reproduce(boolean requireBits) throws Exception {
    try (Findings findings = new Findings(findingsFile);
        Versions versions = new Versions(config.model());
        ReplayJob job = new ReplayJob(config, parallelism)) {
      long start = System.nanoTime();
      ScoreIndex index = ScoreIndex.read(recording, findings);
      Reproduction.Result result =
          new Reproduction(recording, index, findings, Reproduction.Comparisons.NONE)
              .run(job, versions, this::settings);
      return ReproductionSummary.of(
          recording.range(), index, result, findings, requireBits, System.nanoTime() - start);
    }
  }

  private ScoringSettings settings(Versions.Local version) {
    return ScoringJob.settings(
        config.scoring(),
        new ModelLocation(
            Optional.empty(), version.directory().toString(), version.version(), false));
  }
}
