package io.github.flinkdeepfm.pipeline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code .ci/run} on machines that have all tools or none, and where installing may fail. */
class ContinuousIntegrationTest {
  private static final String TESTS = "mvn -B -ntp -Dtools.required=true verify\n";

  @TempDir Path bin;
  @TempDir Path folder;

  private void command(String name, String script) throws IOException {
    Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  private DeployFiles.Outcome run(String installing) throws Exception {
    Path log = Files.writeString(folder.resolve("log"), "");
    command("dirname", "exec /usr/bin/dirname \"$@\"");
    command("id", "echo 0");
    command("apt-get", "echo \"apt-get $*\" >>" + log + "; echo noise; " + installing);
    command("go", "echo \"$GOBIN: go $*\" >>" + log + "; echo noise; " + installing);
    command("mvn", "echo \"mvn $*\" | tee -a " + log);
    command("tee", "exec /usr/bin/tee \"$@\"");
    Path script = DeployFiles.DEPLOY.resolveSibling(".ci/run");
    ProcessBuilder builder =
        new ProcessBuilder("/bin/bash", script.toString()).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("PATH", bin.toString());
    environment.put("XDG_CACHE_HOME", folder.toString());
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new DeployFiles.Outcome(process.waitFor(), output);
  }

  @Test
  void whatIsMissingIsBroughtAndWhatCouldNotBeIsNamedBeforeTheTestsRun() throws Exception {
    DeployFiles.Outcome outcome = run("exit 0");
    assertThat(outcome.code()).isZero();
    assertThat(outcome.output().lines().map(line -> line.replaceAll(":.*", "")))
        .containsExactly(
            "no promtool",
            "no prometheus",
            "no shellcheck",
            "no docker-compose",
            "no chromium",
            "no kubectl or kustomize",
            "no dockerfilelint by npx",
            TESTS.strip());
    assertThat(log())
        .containsSubsequence(
            " update\n",
            " install prometheus\n",
            " install shellcheck\n",
            " install docker-compose\n",
            " install chromium\n",
            " install npm\n",
            folder.resolve("flink-deepfm-tools/go") + ": go install sigs.k8s.io/kustomize/",
            TESTS);
  }

  @Test
  void whatCannotBeInstalledKeepsNothingFromTheTests() throws Exception {
    assertThat(run("exit 100").output()).endsWith(TESTS);
    assertThat(run("case \"$*\" in *shellcheck) exit 100;; esac").output()).endsWith(TESTS);
    assertThat(log()).contains(" install chromium\n", "go install ");
  }

  @Test
  void whereEveryToolIsThereOnlyTheTestsSpeak() throws Exception {
    for (String tool :
        List.of(
            "promtool",
            "prometheus",
            "shellcheck",
            "docker-compose",
            "google-chrome",
            "kubectl",
            "npx",
            "sh")) {
      command(tool, "echo noise");
    }
    assertThat(run("exit 1")).isEqualTo(new DeployFiles.Outcome(0, TESTS));
    assertThat(log()).isEqualTo(TESTS);
  }
}
