package io.github.flinkdeepfm.pipeline.demo;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code demo}: the whole pipeline on this machine, from generated clicks to a summary. */
@Command(
    name = "demo",
    description = {
      "Runs the whole pipeline on this machine: a Kafka broker, generated clicks with a known"
          + " truth, a model, the Flink job, and a consumer that checks every outcome.",
      "Ends by itself with a summary; Ctrl-C ends it earlier. Listens on the loopback interface"
          + " only and writes to a temporary folder only, of which its log stays (--keep: all)."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  @Option(names = "--events", description = "How many events are sent (default: ${DEFAULT-VALUE}).")
  int events = DemoSettings.DEFAULT_EVENTS;

  @Option(
      names = "--rate",
      description = "Events a second; 0: as fast as it goes (default: ${DEFAULT-VALUE}).")
  long rate = DemoSettings.DEFAULT_RATE;

  @Option(names = "--seed", description = "Of clicks, truth and model (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Option(
      names = "--parallelism",
      description = "Parallelism of the job (default: ${DEFAULT-VALUE}).")
  int parallelism = 1;

  @Option(names = "--keep", description = "Keep the folder with model, job.yaml and topics.")
  boolean keep;

  @Option(names = "--port", description = "The broker's port (default: a free one).")
  int port;

  @Option(names = "--ui-port", description = "Port of Flink's web interface (default: a free one).")
  int uiPort;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    check("--events", events, 1, AnswerKey.MOST_EVENTS);
    check("--rate", rate, 0, Integer.MAX_VALUE);
    check("--parallelism", parallelism, 1, 16);
    check("--port", port, 0, 65_535);
    check("--ui-port", uiPort, 0, 65_535);
    DemoSettings settings = new DemoSettings(events, seed, parallelism, rate, keep, port, uiPort);
    Demo demo = new Demo(settings, LocalFlinkJob::start, DemoLog::sendTo, System.out);
    Thread interrupt = new Thread(demo::close, "demo-interrupt");
    Runtime.getRuntime().addShutdownHook(interrupt);
    try {
      return demo.run() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    } finally {
      demo.close();
    }
  }

  private void check(String option, long value, long low, long high) {
    if (value < low || value > high) {
      throw new ParameterException(
          spec.commandLine(),
          String.format("%s: expected %d to %d, got %d", option, low, high, value));
    }
  }
}
