package io.github.flinkdeepfm.pipeline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code .ci/run} on a machine that lacks every tool, and whose package manager may fail. */
class ContinuousIntegrationTest {
  @TempDir Path bin;
  @TempDir Path folder;

  private void command(String name, String script) throws IOException {
    Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  private DeployFiles.Outcome run(String aptOutcome) throws Exception {
    Path log = Files.writeString(folder.resolve("log"), "");
    command("dirname", "exec /usr/bin/dirname \"$@\"");
    command("id", "echo 0");
    command("apt-get", "echo \"apt-get $*\" >>" + log + "; echo noise; " + aptOutcome);
    command("mvn", "echo \"mvn $*\" | tee -a " + log);
    command("tee", "exec /usr/bin/tee \"$@\"");
    Path script = DeployFiles.DEPLOY.resolveSibling(".ci/run");
    ProcessBuilder builder =
        new ProcessBuilder("/bin/bash", script.toString()).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("PATH", bin.toString());
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new DeployFiles.Outcome(process.waitFor(), output);
  }

  @Test
  void whatIsMissingIsInstalledAndOnlyTheTestsSpeak() throws Exception {
    DeployFiles.Outcome outcome = run("exit 0");
    assertThat(outcome).isEqualTo(new DeployFiles.Outcome(0, "mvn -B -ntp verify\n"));
    assertThat(log())
        .containsSubsequence(
            " update\n",
            " install prometheus\n",
            " install shellcheck\n",
            " install docker-compose\n",
            " install chromium\n",
            "mvn -B -ntp verify\n");
  }

  @Test
  void whatCannotBeInstalledKeepsNothingFromTheTests() throws Exception {
    assertThat(run("exit 100")).isEqualTo(new DeployFiles.Outcome(0, "mvn -B -ntp verify\n"));
    assertThat(run("case \"$*\" in *shellcheck) exit 100;; esac"))
        .isEqualTo(new DeployFiles.Outcome(0, "mvn -B -ntp verify\n"));
    assertThat(log()).contains(" install chromium\n");
  }
}
