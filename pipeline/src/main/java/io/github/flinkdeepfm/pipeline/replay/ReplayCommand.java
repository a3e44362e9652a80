package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.replay.report.Gates;
import io.github.flinkdeepfm.pipeline.replay.report.ReportOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
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
          + " --candidate answers: would this model change my scores? --capture saves the range with"
          + " its scores to a file, which --input takes instead of Kafka."
    },
    modelTransformer = GateOptions.class,
    mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final String AS_RECORDED = "as-recorded";

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
      names = "--candidate",
      paramLabel = "VERSION|DIR",
      description = "Score each event with this version of the root, or model directory.")
  Optional<String> candidate = Optional.empty();

  @Option(
      names = "--baseline",
      paramLabel = "VERSION|as-recorded",
      description = "What the candidate is compared with (default: as-recorded).")
  Optional<String> baseline = Optional.empty();

  @Option(
      names = "--capture",
      paramLabel = "FILE",
      description = "Save events, scores and dead letters of the range (Avro container file).")
  Optional<Path> capture = Optional.empty();

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "Replay a captured file; no Kafka is needed.")
  Optional<Path> input = Optional.empty();

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
      names = "--require-bits",
      description = "Scores recorded on other arithmetic (header numerics) fail, too.")
  boolean requireBits;

  @Option(
      names = "--labels",
      paramLabel = "FILE|TOPIC",
      description = "Labels that came later: JSON {event_id, label}, by line or record.")
  Optional<String> labels = Optional.empty();

  @Option(names = "--html", paramLabel = "FILE", description = "Write the report as one page.")
  Optional<Path> html = Optional.empty();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the report's facts.")
  Optional<Path> json = Optional.empty();

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
    RangeBound first = bound("--from", from, mistakes);
    RangeBound last = bound("--to", to, mistakes);
    checkUsage(mistakes);
    Gates gates = GateOptions.of(spec, mistakes);
    if (capture.isPresent()
        && !(gates.thresholds().isEmpty() && html.isEmpty() && json.isEmpty())) {
      mistakes.add("--capture: expected no gates and no report with it");
    }
    if (!mistakes.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), String.join(System.lineSeparator(), mistakes));
    }
    JobConfig config = new JobConfigReader(System.getenv()).read(configFile);
    String hash = hash(configFile);
    Recording recording =
        input.isPresent() ? captured(hash) : new KafkaRecording(config, first, last);
    if (capture.isPresent()) {
      return capture(recording, config.job(), hash);
    }
    Labels joined = labels.isPresent() ? Labels.read(labels.get(), config) : Labels.none();
    ReportFiles report =
        new ReportFiles(
            json,
            html,
            gates,
            ReportOptions.defaults(),
            config.job(),
            hash,
            "flink-deepfm "
                + String.join(" ", spec.root().commandLine().getParseResult().originalArgs()));
    Replay replay =
        new Replay(
            config,
            recording,
            parallelism.orElse(config.flink().parallelism()),
            findings,
            spec.commandLine().getErr()::println);
    return reproduce ? reproduce(replay, joined, report) : compare(replay, joined, report);
  }

  private int reproduce(Replay replay, Labels joined, ReportFiles report) throws Exception {
    boolean reports =
        json.isPresent() || html.isPresent() || !report.gates().thresholds().isEmpty();
    ReproductionSummary summary =
        replay.reproduce(requireBits, joined, reports ? Optional.of(report) : Optional.empty());
    summary.lines().forEach(this::print);
    return end(!summary.first().isEmpty(), summary.passed());
  }

  private int compare(Replay replay, Labels joined, ReportFiles report) throws Exception {
    Replay.ComparisonSummary summary =
        replay.compare(
            candidate.orElseThrow(),
            baseline.filter(version -> !version.equals(AS_RECORDED)),
            joined,
            report);
    summary.lines().forEach(this::print);
    return end(!summary.counts().isEmpty(), summary.passed());
  }

  private int end(boolean found, boolean passed) {
    if (found) {
      print("findings      " + findings);
    }
    html.ifPresent(file -> print("report        " + file));
    json.ifPresent(file -> print("facts         " + file));
    return passed ? 0 : FAILED;
  }

  private int capture(Recording recording, String job, String hash) throws IOException {
    CaptureWriter.Captured captured =
        CaptureWriter.write(recording, capture.orElseThrow().toAbsolutePath(), job, hash);
    print("range         " + recording.range());
    print(
        String.format(
            Locale.ROOT,
            "captured      %,d events, %,d scores, %,d dead letters, %,d bytes in %s",
            captured.events(),
            captured.scores(),
            captured.deadLetters(),
            captured.bytes(),
            capture.get()));
    return 0;
  }

  private Recording captured(String hash) {
    CapturedRecording recording = new CapturedRecording(input.orElseThrow());
    if (!recording.configuration().equals(hash)) {
      print("note          " + configFile + " is not what it was when the range was captured");
    }
    return recording;
  }

  private void checkUsage(List<String> mistakes) {
    int modes =
        (reproduce ? 1 : 0) + (candidate.isPresent() ? 1 : 0) + (capture.isPresent() ? 1 : 0);
    if (modes != 1) {
      mistakes.add("expected one of --reproduce, --candidate, --capture");
    }
    if (baseline.isPresent() && candidate.isEmpty()) {
      mistakes.add("--baseline: expected --candidate with it");
    }
    if (requireBits && !reproduce) {
      mistakes.add("--require-bits: expected --reproduce with it");
    }
    if (input.isPresent() && (from.isPresent() || to.isPresent() || capture.isPresent())) {
      mistakes.add("--input: expected no --from, --to and --capture with it");
    }
    if (!Files.isReadable(configFile) || Files.isDirectory(configFile)) {
      mistakes.add("--config: expected a readable file, got " + configFile);
    }
    Set<Path> taken = new HashSet<>(List.of(configFile.toAbsolutePath().normalize()));
    input.ifPresent(file -> taken.add(file.toAbsolutePath().normalize()));
    labels.ifPresent(file -> taken.add(Path.of(file).toAbsolutePath().normalize()));
    checkOutput("--findings", Optional.of(findings), taken, mistakes);
    checkOutput("--html", html, taken, mistakes);
    checkOutput("--json", json, taken, mistakes);
    checkOutput("--capture", capture, taken, mistakes);
    input
        .filter(file -> !Files.isReadable(file) || Files.isDirectory(file))
        .ifPresent(file -> mistakes.add("--input: expected a readable file, got " + file));
    parallelism
        .filter(n -> n < 1)
        .ifPresent(n -> mistakes.add("--parallelism: expected 1 or more, got " + n));
  }

  /** Before hours of work, not after. */
  private static void checkOutput(
      String option, Optional<Path> file, Set<Path> taken, List<String> mistakes) {
    if (file.isEmpty()) {
      return;
    }
    Path folder = file.get().toAbsolutePath().getParent();
    if (Files.isDirectory(file.get()) || folder == null || !Files.isWritable(folder)) {
      mistakes.add(option + ": expected a file in a writable directory, got " + file.get());
    }
    if (!taken.add(file.get().toAbsolutePath().normalize())) {
      mistakes.add(option + ": expected a file of no other option, got " + file.get());
    }
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

  /** Of the file as it stands, before the environment is filled in: it reveals no secret. */
  private static String hash(Path file) throws IOException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
