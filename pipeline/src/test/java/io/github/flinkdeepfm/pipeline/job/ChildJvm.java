package io.github.flinkdeepfm.pipeline.job;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of our programs in a JVM of its own: from the all-in-one jar that {@code mvn verify} has
 * built, else (an IDE) from the class path of the test. Ends with the test, whatever happens.
 */
final class ChildJvm implements AutoCloseable {
  private static final String CLASS_PATH =
      System.getProperty("flinkdeepfm.test.jar", System.getProperty("java.class.path"));
  private static final String ENDED = "\0ended";

  private final String name;
  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> seen = new ArrayList<>();

  private ChildJvm(String name, Process process) {
    this.name = name;
    this.process = process;
    Thread reader = new Thread(this::readLines, name + "-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** Runs {@code main} with its standard error among its output lines. */
  static ChildJvm start(Class<?> main, String... arguments) throws IOException {
    return start(Map.of(), main, arguments);
  }

  /** The same with variables in its environment. */
  static ChildJvm start(Map<String, String> environment, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    // What the jar's manifest opens where the jar is started by -jar.
    for (String opened : List.of("java.util", "java.lang", "java.time")) {
      command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
    }
    command.add("-cp");
    command.add(CLASS_PATH);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    builder.environment().putAll(environment);
    Process process = builder.start();
    return new ChildJvm(main.getSimpleName(), process);
  }

  /** Waits for a line that {@code pattern} matches; earlier lines are passed over. */
  Matcher awaitLine(Pattern pattern, int seconds) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (true) {
      String line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null || line.equals(ENDED)) {
        throw new AssertionError(
            "expected a line %s of %s within %d s, got %s".formatted(pattern, name, seconds, seen));
      }
      seen.add(line);
      Matcher matcher = pattern.matcher(line);
      if (matcher.matches()) {
        return matcher;
      }
    }
  }

  /** Waits for the end of the process and gives its exit code. */
  int awaitExit(int seconds) throws InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new AssertionError(
          "expected %s to end within %d s, got %s".formatted(name, seconds, seen));
    }
    return process.exitValue();
  }

  long pid() {
    return process.pid();
  }

  /** Every line so far. */
  List<String> output() {
    lines.drainTo(seen);
    return List.copyOf(seen);
  }

  /** As Ctrl-C or a supervisor's SIGTERM does. */
  void terminate() {
    process.toHandle().destroy(); // Process.destroy() closes its output too
  }

  private void readLines() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      out.lines().forEach(lines::add);
    } catch (UncheckedIOException | IOException e) {
      // The stream of a process that was killed may be closed under its reader.
    }
    lines.add(ENDED);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
