package io.github.flinkdeepfm.pipeline.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.FlinkRest;
import io.github.flinkdeepfm.pipeline.job.ListeningSockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/local/cluster.sh} as the README has it, but for its ports. */
@Timeout(300)
@EnabledOnOs(OS.LINUX)
class ClusterScriptIT {
  private static final Path SCRIPT = ClusterProcesses.HOME.resolve("deploy/local/cluster.sh");

  private record Outcome(int code, String output) {}

  @TempDir Path folder;
  private final List<String> options = new ArrayList<>();

  @Test
  void startsWhatStatusShowsRefusesTakenPortsAndStopsAllOfIt() throws Exception {
    Path home = folder.resolve("one cluster");
    int[] ports = ClusterProcesses.freePorts(4);
    List<String> names = List.of("--rest-port", "--rpc-port", "--blob-port", "--broker-port");
    options.addAll(List.of("--dir", home.toString()));
    for (int i = 0; i < names.size(); i++) {
      options.addAll(List.of(names.get(i), Integer.toString(ports[i])));
    }
    options.addAll(List.of("--task-port", Integer.toString(twoFreePorts())));
    Path stale = Files.createDirectories(home.resolve("pids")).resolve("taskmanager-7.pid");
    Files.writeString(stale, Long.toString(ProcessHandle.current().pid())); // not the script's

    Outcome started = script("start", "--taskmanagers", "1");
    assertThat(started.output()).contains("broker 127.0.0.1:" + ports[3]);
    assertThat(started.code()).isZero();
    assertThat(stale).doesNotExist();
    Outcome status = script("status");
    assertThat(status.output()).contains("broker runs", "jobmanager runs", "taskmanager-1 runs");
    assertThat(status.code()).isZero();
    assertThat(script("flink", "list").output()).contains("No running jobs");
    assertReachableFromHereOnly(home);
    FlinkRest rest = new FlinkRest(URI.create("http://127.0.0.1:" + ports[0]));
    assertThat(rest.get("/config").at("/features/web-submit").asText()).isEqualTo("false");

    Outcome twice = script("start");
    assertThat(twice.output()).contains("broker runs already in " + home);
    assertThat(twice.code()).isEqualTo(1);
    Outcome other = script("--dir", folder.resolve("two").toString(), "start");
    assertThat(other.output()).contains("got taken: " + ports[0] + " " + ports[1]);
    assertThat(other.code()).isEqualTo(1);

    assertThat(ProcessHandle.of(pid(home.resolve("pids/taskmanager-1.pid"))))
        .hasValueSatisfying(ProcessHandle::destroyForcibly);
    Await.until(
        "a status that says so",
        Duration.ofSeconds(10),
        () -> script("status").output().contains("taskmanager-1 does not run"));
    assertThat(script("status").code()).isEqualTo(1);

    assertThat(script("stop").output()).contains("jobmanager stopped", "broker stopped");
    assertThat(script("status").code()).isEqualTo(1);
    assertThat(ProcessHandle.allProcesses().flatMap(p -> p.info().commandLine().stream()))
        .noneMatch(line -> line.contains(folder.toString()));
  }

  @Test
  void saysHowItIsUsed() throws Exception {
    for (List<String> help : List.of(List.of("--help"), List.of("start", "--help"))) {
      Outcome usage = script(help.toArray(String[]::new));
      assertThat(usage.output())
          .contains("cluster.sh start", "status | stop", "submit --config", "flink ARGUMENTS");
      assertThat(usage.code()).isZero();
    }
    assertWrongUsage("restart", "got 'restart'");
    assertWrongUsage("start now", "got 'now'");
    assertWrongUsage("start --slots 0", "--slots: expected a number from 1, got '0'");
    assertWrongUsage("status --rest-port", "--rest-port: expected a value, got none");
  }

  private void assertWrongUsage(String command, String says) throws Exception {
    Outcome outcome = script(command.split(" "));
    assertThat(outcome.output()).contains(says);
    assertThat(outcome.code()).isEqualTo(2);
  }

  /** By other machines not at all, and its files by no other user: they can hold passwords. */
  private static void assertReachableFromHereOnly(Path home) throws IOException {
    for (String part : List.of("conf", "logs", "tmp", "broker", "checkpoints")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve(part))))
          .as(part)
          .isEqualTo("rwx------");
    }
    if (ListeningSockets.available()) {
      for (String name : List.of("broker", "jobmanager", "taskmanager-1")) {
        long pid = pid(home.resolve("pids").resolve(name + ".pid"));
        assertThat(ListeningSockets.of(pid)).as(name).isNotEmpty();
        assertThat(ListeningSockets.beyondLoopback(pid)).as(name).isEmpty();
      }
    }
  }

  private static long pid(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  /** The first of two neighbours, where no outgoing connection takes one of them meanwhile. */
  private static int twoFreePorts() {
    Random random = new Random();
    while (true) {
      int first = 15_000 + random.nextInt(15_000);
      try (ServerSocket one = new ServerSocket(first, 1, InetAddress.getLoopbackAddress());
          ServerSocket two = new ServerSocket(first + 1, 1, InetAddress.getLoopbackAddress())) {
        assertThat(one.getLocalPort() + 1).isEqualTo(two.getLocalPort());
        return first;
      } catch (IOException e) {
        // Taken; others are not.
      }
    }
  }

  @AfterEach
  void stop() throws Exception {
    script("stop");
  }

  private Outcome script(String... command) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("bash", SCRIPT.toString()));
    line.addAll(options);
    line.addAll(List.of(command));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), output);
  }
}
