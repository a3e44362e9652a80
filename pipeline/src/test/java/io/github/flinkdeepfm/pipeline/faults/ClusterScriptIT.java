package io.github.flinkdeepfm.pipeline.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/local/cluster.sh} as the README has it, but for its ports. */
@Timeout(150)
@EnabledOnOs(OS.LINUX)
class ClusterScriptIT {
  private static final Path SCRIPT = ClusterProcesses.HOME.resolve("deploy/local/cluster.sh");

  private record Outcome(int code, String output) {}

  @TempDir Path folder;
  private final List<String> options = new ArrayList<>();

  @Test
  void startsWhatStatusShowsRefusesTakenPortsAndStopsAllOfIt() throws Exception {
    int[] ports = ClusterProcesses.freePorts(5);
    List<String> names = List.of("--rest-port", "--rpc-port", "--blob-port", "--broker-port");
    options.addAll(List.of("--dir", folder.resolve("one").toString()));
    for (int i = 0; i < names.size(); i++) {
      options.addAll(List.of(names.get(i), Integer.toString(ports[i])));
    }
    options.addAll(List.of("--task-port", Integer.toString(ports[4])));

    Outcome started = script("start", "--taskmanagers", "1");
    assertThat(started.output()).contains("broker 127.0.0.1:" + ports[3]);
    assertThat(started.code()).isZero();
    Outcome status = script("status");
    assertThat(status.output()).contains("broker runs", "jobmanager runs", "taskmanager-1 runs");
    assertThat(status.code()).isZero();
    assertThat(script("flink", "list").output()).contains("No running jobs");

    Outcome again = script("--dir", folder.resolve("two").toString(), "start");
    assertThat(again.output()).contains("got taken: " + ports[0] + " " + ports[1]);
    assertThat(again.code()).isEqualTo(1);

    assertThat(script("stop").output())
        .contains("jobmanager stopped", "taskmanager-1 stopped", "broker stopped");
    assertThat(script("status").code()).isEqualTo(1);
    assertThat(ProcessHandle.allProcesses().flatMap(p -> p.info().commandLine().stream()))
        .noneMatch(line -> line.contains(folder.toString()));
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
