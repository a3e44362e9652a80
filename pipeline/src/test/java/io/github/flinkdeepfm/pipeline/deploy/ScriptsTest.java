package io.github.flinkdeepfm.pipeline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScriptsTest {
  /** Files that begin with {@code #!} and a shell. */
  @Test
  void shellScriptsPassShellcheck() throws Exception {
    DeployFiles.assumeTool("shellcheck", "--version");
    List<String> scripts;
    try (Stream<Path> files = Files.walk(DeployFiles.DEPLOY)) {
      scripts =
          files
              .filter(file -> !file.startsWith(DeployFiles.DEPLOY.resolve("target")))
              .filter(file -> file.toFile().isFile() && isShell(file))
              .map(Path::toString)
              .collect(Collectors.toCollection(ArrayList::new));
    }
    assertThat(scripts).hasSizeGreaterThanOrEqualTo(4);
    scripts.add(DeployFiles.DEPLOY.resolveSibling(".ci/run").toString());
    DeployFiles.Outcome outcome = DeployFiles.run("shellcheck", scripts.toArray(String[]::new));
    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  private static boolean isShell(Path file) {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      return lines.findFirst().orElse("").matches("#!.*\\b(sh|bash)");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
