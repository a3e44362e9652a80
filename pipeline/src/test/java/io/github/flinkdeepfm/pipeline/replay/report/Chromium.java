package io.github.flinkdeepfm.pipeline.replay.report;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A headless browser, if this machine has one. */
public final class Chromium {
  private final Path executable;
  private final Path folder;

  private Chromium(Path executable, Path folder) {
    this.executable = executable;
    this.folder = folder;
  }

  /**
   * @param folder for profiles
   */
  public static Optional<Chromium> find(Path folder) {
    return Stream.of("chromium", "chromium-browser", "google-chrome")
        .flatMap(
            name ->
                Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                    .map(directory -> Path.of(directory, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .map(executable -> new Chromium(executable, folder));
  }

  /** The document after its scripts have run. */
  String dom(Path page) throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "dom", ".html");
    run(out, page.toUri(), "--dump-dom");
    return Files.readString(out);
  }

  void screenshot(Path page, Path png, int height) throws IOException, InterruptedException {
    screenshot(page.toUri(), png, height);
  }

  /** Of a page as it is some seconds after it was opened. */
  public void screenshot(URI page, Path png, int height) throws IOException, InterruptedException {
    run(
        Files.createTempFile(folder, "log", ".txt"),
        page,
        "--screenshot=" + png.toAbsolutePath(),
        "--hide-scrollbars",
        "--window-size=1240," + height);
  }

  private void run(Path out, URI page, String... options) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                executable.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--virtual-time-budget=5000",
                "--user-data-dir=" + Files.createTempDirectory(folder, "profile")));
    command.addAll(List.of(options));
    command.add(page.toString());
    Path errors = Files.createTempFile(folder, "errors", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile())
            .start();
    if (!process.waitFor(90, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new IOException("expected the browser to end within 90 s: " + command);
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          "expected exit 0 of %s, got %d: %s"
              .formatted(command, process.exitValue(), Files.readString(errors)));
    }
  }
}
