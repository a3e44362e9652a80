package io.github.flinkdeepfm.pipeline.file;

import io.github.flinkdeepfm.operators.ChainedTypeInfo;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.ScoringPipeline;
import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.pipeline.config.JobConfig.ScoringConfig;
import io.github.flinkdeepfm.pipeline.job.LocalCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.enumerate.NonSplittingRecursiveEnumerator;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Scores a file of JSON lines in a Flink job of its own, bounded and at parallelism 1, so that the
 * scores are in the order of the lines. The two output files appear under their names when all is
 * done, the scores last.
 */
public final class FileScoring {
  private static final long PROGRESS_SECONDS = 10;

  private final Path input;
  private final Path output;
  private final ScoringConfig config;
  private final ScoringSettings settings;

  public FileScoring(Path input, Path output, ScoringConfig config, ScoringSettings settings) {
    this.input = input.toAbsolutePath();
    this.output = output.toAbsolutePath();
    this.config = config;
    this.settings = settings;
  }

  /** Where the dead letters of {@code output} go. */
  public static Path deadLetters(Path output) {
    return output.resolveSibling(output.getFileName() + ".dead");
  }

  /**
   * Runs to the end of the file. On failure neither output file is touched.
   *
   * @param progress gets the counts so far, every ten seconds
   */
  public Summary run(Consumer<Summary> progress) throws Exception {
    Path scores = temporary(output);
    Path dead = temporary(deadLetters(output));
    try {
      Summary summary = score(scores, dead, progress);
      Files.move(dead, deadLetters(output), StandardCopyOption.REPLACE_EXISTING);
      Files.move(scores, output, StandardCopyOption.REPLACE_EXISTING);
      return summary;
    } finally {
      Files.deleteIfExists(scores);
      Files.deleteIfExists(dead);
    }
  }

  private Summary score(Path scores, Path dead, Consumer<Summary> progress) throws Exception {
    Configuration options = options();
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, options);
    define(env, scores, dead);
    ScheduledExecutorService reporter = Executors.newSingleThreadScheduledExecutor();
    try (LocalCluster cluster = LocalCluster.start(options, 1)) {
      JobID job = cluster.submit(env.getStreamGraph());
      ScheduledFuture<?> unused =
          reporter.scheduleAtFixedRate(
              () -> progress.accept(Summary.of(cluster.accumulators(job))),
              PROGRESS_SECONDS,
              PROGRESS_SECONDS,
              TimeUnit.SECONDS);
      return cluster
          .await(job)
          .map(result -> Summary.of(result.getAllAccumulatorResults()))
          .orElseThrow(() -> new InterruptedException("the scoring job was cancelled"));
    } finally {
      reporter.shutdownNow();
    }
  }

  private void define(StreamExecutionEnvironment env, Path scores, Path dead) {
    FileSource<RawEvent> lines =
        FileSource.forRecordStreamFormat(
                new LineFormat(input.getFileName().toString()),
                new org.apache.flink.core.fs.Path(input.toUri()))
            // Flink's own filter passes over names that start with '.' or '_'.
            .setFileEnumerator(() -> new NonSplittingRecursiveEnumerator(path -> true))
            .build();
    DataStream<RawEvent> events =
        env.fromSource(
            lines,
            WatermarkStrategy.noWatermarks(),
            "lines",
            new ChainedTypeInfo<>(RawEvent.class));
    SingleOutputStreamOperator<ScoredEvent> scored = ScoringPipeline.score(events, settings);
    scored
        .map(new ScoreLines(config.event().copy()))
        .returns(PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO)
        .sinkTo(new LineFileSink(scores));
    scored
        .getSideOutput(ScoringPipeline.DEAD_LETTERS)
        .map(new DeadLetterLines(config.payloadLimit()))
        .returns(PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO)
        .sinkTo(new LineFileSink(dead));
  }

  private static Configuration options() {
    Configuration options = new Configuration();
    options.set(PipelineOptions.NAME, "score");
    options.set(PipelineOptions.GENERIC_TYPES, false);
    options.set(PipelineOptions.OBJECT_REUSE, true);
    options.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    return options;
  }

  private static Path temporary(Path file) {
    return file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
  }
}
