package io.github.flinkdeepfm.pipeline.cli;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.operators.BrokenInstallationException;
import io.github.flinkdeepfm.operators.ModelRootUnavailableException;
import io.github.flinkdeepfm.pipeline.demo.DemoCommand;
import io.github.flinkdeepfm.pipeline.events.OffsetsRefusedException;
import io.github.flinkdeepfm.pipeline.job.RefusedRecordException;
import io.github.flinkdeepfm.pipeline.replay.ReplayCommand;
import io.github.flinkdeepfm.pipeline.topics.UnsuitableTopicsException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.flink.util.ExceptionUtils;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code flink-deepfm} with its subcommands. */
@Command(
    name = "flink-deepfm",
    description = "Scores Kafka events with TorchRec's DeepFM on Apache Flink.",
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      ScoreCommand.class,
      VerifyCommand.class,
      PublishCommand.class,
      ReplayCommand.class,
      TrainCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:done",
      "1:a check or the job failed, or a model root did not answer",
      "2:wrong usage or configuration; all mistakes are listed"
    })
public final class Cli {
  /** What a user has to mend: told without a stack trace. */
  private static final List<Class<? extends RuntimeException>> USER_ERRORS =
      List.of(
          InvalidConfigurationException.class,
          InvalidModelException.class,
          UnsuitableTopicsException.class);

  /**
   * What another try may not meet: told without a stack trace, too, but no mistake of the user's.
   */
  private static final List<Class<? extends RuntimeException>> OUTAGES =
      List.of(
          ModelRootUnavailableException.class,
          BrokenInstallationException.class,
          RefusedRecordException.class,
          OffsetsRefusedException.class);

  private static final String VERBOSE = "--verbose";

  @Option(
      names = VERBOSE,
      scope = ScopeType.INHERIT,
      description = "Log what Flink and Kafka do; show stack traces.")
  boolean verbose;

  /** Runs a command line and returns its exit code. */
  public static int execute(String... args) {
    if (Arrays.asList(args).contains(VERBOSE)) {
      System.setProperty("flinkdeepfm.log.level", "INFO"); // see log4j2.properties
    }
    CommandLine command = new CommandLine(new Cli()).setExecutionExceptionHandler(Cli::report);
    try {
      return command.execute(args.length == 0 ? new String[] {"--help"} : args);
    } catch (Error e) { // picocli lets it through
      if (!BrokenInstallationException.isMeantBy(e)) {
        throw e;
      }
      command.getErr().println(BrokenInstallationException.of("flink-deepfm", e).getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  /** Tells what went wrong, and returns the exit code. */
  static int report(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    Optional<String> mistake = message(failure, USER_ERRORS);
    if (mistake.isPresent()) {
      command.getErr().println(hidden(command, mistake.get()));
      return CommandLine.ExitCode.USAGE;
    }
    Optional<String> outage = message(failure, OUTAGES);
    if (outage.isPresent()) {
      command.getErr().println(hidden(command, outage.get()));
    } else if (parsed.originalArgs().contains(VERBOSE)) {
      command.getErr().println(hidden(command, ExceptionUtils.stringifyException(failure)));
    } else {
      command.getErr().println(hidden(command, causes(failure)));
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static Optional<String> message(
      Exception failure, List<Class<? extends RuntimeException>> types) {
    for (Class<? extends RuntimeException> type : types) {
      Optional<? extends RuntimeException> found =
          ExceptionUtils.findSerializedThrowable(failure, type, Cli.class.getClassLoader());
      if (found.isPresent()) {
        return Optional.of(found.get().getMessage());
      }
    }
    return Optional.empty();
  }

  private static String hidden(CommandLine command, String text) {
    return command.getCommandSpec().userObject() instanceof HidesSecrets known
        ? known.hide(text)
        : text;
  }

  private static String causes(Throwable failure) {
    StringBuilder text = new StringBuilder("failed: ").append(failure);
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      text.append(System.lineSeparator()).append("  caused by: ").append(cause);
    }
    return text.append(System.lineSeparator()).append("  (" + VERBOSE + " shows more)").toString();
  }
}
