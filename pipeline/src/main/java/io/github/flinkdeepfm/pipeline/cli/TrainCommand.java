package io.github.flinkdeepfm.pipeline.cli;

import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.metrics.ProgressiveMetrics;
import io.github.flinkdeepfm.model.publish.Publication;
import io.github.flinkdeepfm.model.training.EventTrainer;
import io.github.flinkdeepfm.model.training.OptimizerOptions;
import io.github.flinkdeepfm.model.training.OptimizerOptions.DenseOptimizer;
import io.github.flinkdeepfm.model.training.OptimizerOptions.TableOptimizer;
import io.github.flinkdeepfm.model.training.TrainingDivergedException;
import io.github.flinkdeepfm.model.training.TrainingSchedule;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.config.Quantities;
import io.github.flinkdeepfm.pipeline.file.LineReader;
import io.github.flinkdeepfm.pipeline.train.TrainingPlan;
import io.github.flinkdeepfm.pipeline.train.TrainingRun;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.flink.util.FileUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code train}: learns from a file of events and publishes versions. */
@Command(
    name = "train",
    description =
        "Trains SimpleDeepFMNN from a file of JSON lines, each event once and in order, and publishes"
            + " versions under a model root. Every event is predicted before it is learnt from: AUC"
            + " and logloss are those of unseen events.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class TrainCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  @Option(names = "--events", required = true, paramLabel = "FILE", description = "JSON lines.")
  Path events;

  @Option(
      names = "--features",
      required = true,
      paramLabel = "FILE",
      description = "features.json; vocabulary files lie beside it.")
  Path features;

  @Option(
      names = "--model-config",
      required = true,
      paramLabel = "FILE",
      description = "model.json.")
  Path modelConfig;

  @Option(
      names = "--root",
      required = true,
      paramLabel = "ROOT",
      description = "Model root to publish to.")
  String root;

  @Option(
      names = "--full-every",
      paramLabel = "N",
      description =
          "Publish a full version every N events (0: only the first one, and where a delta makes no"
              + " sense).")
  long fullEvery;

  @Option(
      names = "--delta-every",
      paramLabel = "N",
      description =
          "Publish the changed rows every N events (0: never); a full version where they would not"
              + " be smaller.")
  long deltaEvery;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Events a step (default: ${DEFAULT-VALUE}).")
  int batchSize = 256;

  @Option(names = "--seed", description = "Of the initial parameters (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Option(
      names = "--dense-optimizer",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  DenseOptimizer denseOptimizer = OptimizerOptions.DEFAULT.dense();

  @Option(
      names = "--table-optimizer",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  TableOptimizer tableOptimizer = OptimizerOptions.DEFAULT.tables();

  @Option(names = "--dense-lr", description = "Learning rate (default: ${DEFAULT-VALUE}).")
  float denseRate = OptimizerOptions.DEFAULT.denseLearningRate();

  @Option(names = "--table-lr", description = "Learning rate (default: ${DEFAULT-VALUE}).")
  float tableRate = OptimizerOptions.DEFAULT.tableLearningRate();

  @Option(
      names = "--progress",
      paramLabel = "D",
      description = "Pause between two lines of progress (default: ${DEFAULT-VALUE}).")
  String progress = "5s";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "job.yaml, of which event is used.")
  Optional<Path> configFile = Optional.empty();

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    TrainingPlan plan = plan();
    Path work = Files.createTempDirectory("flink-deepfm-train");
    try (TrainingRun run = new TrainingRun(plan, work, this::report)) {
      read(run.trainer());
      run.finish();
      summary(run.trainer());
      return 0;
    } catch (TrainingDivergedException e) {
      spec.commandLine().getErr().println(e.getMessage() + "; nothing more is published");
      return FAILED;
    } finally {
      FileUtils.deleteDirectory(work.toFile());
    }
  }

  private TrainingPlan plan() {
    List<String> mistakes = new ArrayList<>();
    for (Path file : new Path[] {events, features, modelConfig}) {
      if (!Files.isReadable(file) || Files.isDirectory(file)) {
        mistakes.add("expected a readable file, got " + file);
      }
    }
    if (Quantities.duration(progress).isEmpty()) {
      mistakes.add("--progress: expected " + Quantities.DURATION_FORM + ", got " + progress);
    }
    try {
      OptimizerOptions optimizer =
          new OptimizerOptions(
              denseOptimizer,
              denseRate,
              tableOptimizer,
              tableRate,
              OptimizerOptions.DEFAULT.epsilon());
      TrainingSchedule schedule = new TrainingSchedule(batchSize, fullEvery, deltaEvery);
      if (mistakes.isEmpty()) {
        EventMapping mapping =
            configFile
                .map(file -> new JobConfigReader(System.getenv()).readScoringOfLines(file).event())
                .orElse(EventMapping.DEFAULT);
        return new TrainingPlan(modelConfig, features, root, seed, optimizer, schedule, mapping);
      }
    } catch (IllegalArgumentException e) {
      mistakes.add(e.getMessage());
    }
    throw new ParameterException(spec.commandLine(), String.join(System.lineSeparator(), mistakes));
  }

  private void read(EventTrainer trainer) throws Exception {
    long start = System.nanoTime();
    long pause = Quantities.duration(progress).orElseThrow().toNanos();
    long next = start + pause;
    try (LineReader lines =
        new LineReader(events.getFileName().toString(), Files.newInputStream(events))) {
      for (RawEvent event = lines.read(); event != null; event = lines.read()) {
        trainer.accept(event.value());
        if (System.nanoTime() - next > 0) {
          progress(trainer, start);
          next = System.nanoTime() + pause;
        }
      }
    }
  }

  private void progress(EventTrainer trainer, long start) {
    ProgressiveMetrics recent = trainer.takeRecentMetrics();
    print(
        "%,d events learnt, %,.0f/s; AUC %.4f, logloss %.4f; since the last line %.4f, %.4f%n",
        trainer.learnt(),
        trainer.learnt() * 1e9 / (System.nanoTime() - start),
        trainer.metrics().auc(),
        trainer.metrics().logLoss(),
        recent.auc(),
        recent.logLoss());
  }

  private void report(Publication published, EventTrainer trainer) {
    print(
        "published %s: %s, %,d bytes; %,d events learnt, AUC %.4f%n",
        published.manifest().version(),
        published.manifest().base().map(base -> "delta of " + base).orElse("full"),
        published.bytes(),
        trainer.learnt(),
        trainer.metrics().auc());
  }

  private void summary(EventTrainer trainer) {
    ProgressiveMetrics recent = trainer.takeRecentMetrics();
    print(
        "%,d events learnt from, %,d without a label, %,d with a label that is not 0 or 1,"
            + " rejected %s; progressive AUC %.4f, logloss %.4f; since the last line of progress %.4f,"
            + " %.4f%n",
        trainer.learnt(),
        trainer.unlabelled(),
        trainer.badLabels(),
        trainer.rejected(),
        trainer.metrics().auc(),
        trainer.metrics().logLoss(),
        recent.auc(),
        recent.logLoss());
  }

  private void print(String format, Object... arguments) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, format, arguments);
    out.flush();
  }
}
