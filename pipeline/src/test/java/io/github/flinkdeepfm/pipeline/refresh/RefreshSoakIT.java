package io.github.flinkdeepfm.pipeline.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@link RefreshSoak}, in a process of its own, whose memory is its alone. */
@EnabledOnOs(OS.LINUX) // what /proc says
class RefreshSoakIT {
  private static final int REFRESHES = 20;

  @TempDir Path folder;

  @Test
  @Timeout(150)
  void memoryStaysFlatAndNoEventIsLostOverManyRefreshes() throws Exception {
    Path output = Path.of("target", "soak-short.json").toAbsolutePath();
    Path log = folder.resolve("soak.log");
    ProcessBuilder process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xms256m",
                    "-Xmx256m",
                    "-XX:+AlwaysPreTouch",
                    "--add-opens=java.base/java.util=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    RefreshSoak.class.getName(),
                    "20",
                    String.valueOf(REFRESHES),
                    "1000",
                    "100",
                    output.toString()))
            .redirectErrorStream(true)
            .redirectOutput(new File(log.toString()));
    // Each version is loaded by a thread of its own: arenas that glibc gives to new threads would
    // grow, in a process so young, by as much as what is looked for.
    process.environment().put("MALLOC_ARENA_MAX", "1");
    Process soak = process.start();
    try {
      assertThat(soak.waitFor(140, TimeUnit.SECONDS)).isTrue();
    } finally {
      soak.destroyForcibly();
    }
    assertThat(soak.exitValue()).as(Files.readString(log)).isZero();
    JsonNode result = new ObjectMapper().readTree(output.toFile());
    assertThat(result.get("refreshes").intValue()).isEqualTo(REFRESHES);
  }
}
