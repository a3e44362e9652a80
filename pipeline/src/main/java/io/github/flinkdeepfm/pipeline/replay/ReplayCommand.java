package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code replay}: scores a range of the event topic again and compares. */
@Command(
    name = "replay",
    description = {
      "Reads a bounded range of the event topic through the job's own operators, at full speed.",
      "--reproduce answers: does every recorded score come out again, bit for bit?"
    },
    mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The job.yaml of the job that served: topics, Kafka, event, model, batch.")
  Path configFile;

  @Option(
      names = "--reproduce",
      description = "Score each event with the version that its recorded score names.")
  boolean reproduce;

  @Option(
      names = "--require-bits",
      description = "Scores recorded on other arithmetic (header numerics) fail, too.")
  boolean requireBits;

  @Option(
      names = "--from",
      paramLabel = "BOUND",
      description = "First event: " + RangeBound.FORM + " (default: all).")
  Optional<String> from = Optional.empty();

  @Option(
      names = "--to",
      paramLabel = "BOUND",
      description = "First event that is not replayed (default: what is committed now).")
  Optional<String> to = Optional.empty();

  @Option(
      names = "--findings",
      paramLabel = "FILE",
      description =
          "Takes every difference as a line of JSON, if there are any (default:"
              + " ${DEFAULT-VALUE}).")
  Path findings = Path.of("replay-findings.jsonl");

  @Option(names = "--parallelism", description = "Of the replay (default: the job's).")
  Optional<Integer> parallelism = Optional.empty();

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    List<String> mistakes = new ArrayList<>();
    if (!reproduce) {
      mistakes.add("expected --reproduce");
    }
    RangeBound first = bound("--from", from, mistakes);
    RangeBound last = bound("--to", to, mistakes);
    parallelism
        .filter(n -> n < 1)
        .ifPresent(n -> mistakes.add("--parallelism: expected 1 or more, got " + n));
    if (!mistakes.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), String.join(System.lineSeparator(), mistakes));
    }
    JobConfig config = new JobConfigReader(System.getenv()).read(configFile);
    Replay replay =
        Replay.of(
            config,
            new KafkaRecording(config, first, last),
            parallelism.orElse(config.flink().parallelism()),
            findings);
    ReproductionSummary summary = replay.reproduce(requireBits);
    summary.lines().forEach(this::print);
    if (!summary.first().isEmpty()) {
      print("              all findings: " + findings);
    }
    return summary.passed() ? 0 : FAILED;
  }

  private static RangeBound bound(String option, Optional<String> text, List<String> mistakes) {
    if (text.isEmpty()) {
      return RangeBound.NONE;
    }
    return RangeBound.parse(text.get())
        .orElseGet(
            () -> {
              mistakes.add(option + ": expected " + RangeBound.FORM + ", got " + text.get());
              return RangeBound.NONE;
            });
  }

  private void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
