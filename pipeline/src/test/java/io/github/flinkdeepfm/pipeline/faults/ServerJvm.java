package io.github.flinkdeepfm.pipeline.faults;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JVM whose output goes to a file, and which is signalled by its own process id. None outlives
 * this JVM, unless that is killed by force.
 */
final class ServerJvm implements AutoCloseable {
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
  private static final Pattern METASPACE = Pattern.compile("Metaspace\\s+used (\\d+)K");
  private static final Set<Process> LIVE = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> LIVE.forEach(Process::destroyForcibly), "end-server-jvms"));
  }

  private final String name;
  private final Process process;

  private ServerJvm(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  /**
   * @param log added to if it is there
   * @param arguments of {@code java}
   */
  static ServerJvm start(
      String name, Path log, Map<String, String> environment, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .redirectInput(new File("/dev/null"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    LIVE.add(process);
    return new ServerJvm(name, process);
  }

  String name() {
    return name;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Bytes of all objects that are still needed, after a collection of its own. */
  long liveHeapBytes() throws IOException, InterruptedException {
    return number(TOTAL, jcmd("GC.class_histogram"));
  }

  /** Objects of a class, those of subclasses not counted, that are left by a collection. */
  long liveInstances(String className) throws IOException, InterruptedException {
    Matcher row =
        Pattern.compile(
                "(?m)^\\s*\\d+:\\s+(\\d+)\\s+\\d+\\s+" + Pattern.quote(className) + "(\\s|$)")
            .matcher(jcmd("GC.class_histogram"));
    return row.find() ? Long.parseLong(row.group(1)) : 0;
  }

  /** Bytes of all loaded classes. */
  long metaspaceBytes() throws IOException, InterruptedException {
    return number(METASPACE, jcmd("GC.heap_info")) << 10;
  }

  private static long number(Pattern pattern, String output) throws IOException {
    Matcher matcher = pattern.matcher(output);
    if (!matcher.find()) {
      throw new IOException("expected " + pattern + ", got: " + output);
    }
    return Long.parseLong(matcher.group(1));
  }

  private String jcmd(String command) throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process process =
        new ProcessBuilder(jcmd, Long.toString(pid()), command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("expected an answer of " + name + ", got: " + output);
    }
    return output;
  }

  /** SIGKILL; returns when it has ended. */
  void kill() {
    process.destroyForcibly().onExit().join();
    LIVE.remove(process);
  }

  /** SIGSTOP. */
  void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** SIGCONT. */
  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  /** To one that another fault has killed meanwhile, it is no mistake. */
  private void signal(String signal) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("kill", "-" + signal, Long.toString(pid()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (kill.waitFor() != 0 && isAlive()) {
      throw new IOException("expected to send " + signal + " to " + name + ", could not");
    }
  }

  /** Waits for the end and returns the exit code. */
  int await() throws InterruptedException {
    int code = process.waitFor();
    LIVE.remove(process);
    return code;
  }

  @Override
  public void close() {
    kill();
  }
}
