package io.github.flinkdeepfm.pipeline.deploy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.github.flinkdeepfm.pipeline.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The files under {@code deploy/}, and the tools that check them. */
final class DeployFiles {
  static final Path DEPLOY = Path.of("..", "deploy").toAbsolutePath().normalize();

  /** A key that stands twice is an error, as it is to kubectl. */
  static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory()).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  static final ObjectMapper JSON = new ObjectMapper();

  private DeployFiles() {}

  /**
   * What a tool said.
   *
   * @param output both streams
   */
  record Outcome(int code, String output) {}

  static String text(String path) {
    try {
      return Files.readString(DEPLOY.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The documents of a YAML file. */
  static List<ObjectNode> documents(String yaml) throws IOException {
    try (MappingIterator<ObjectNode> values = YAML.readerFor(ObjectNode.class).readValues(yaml)) {
      return values.readAll();
    }
  }

  static JsonNode yaml(String path) throws IOException {
    return YAML.readTree(text(path));
  }

  /** Flink's configuration in a file of flat keys. */
  static Map<String, String> flinkConfiguration(String path) throws IOException {
    Map<String, String> options = new HashMap<>();
    yaml(path).fields().forEachRemaining(e -> options.put(e.getKey(), e.getValue().asText()));
    return options;
  }

  static JsonNode json(String path) throws IOException {
    return JSON.readTree(text(path));
  }

  /** Skips the test, and says why, when a tool is not on the PATH; see {@link Tools}. */
  static void assumeTool(String name, String... version) {
    Tools.assume(hasTool(name, version), name + " is not on the PATH: this check did not run");
  }

  static boolean hasTool(String name, String... version) {
    try {
      return run(name, version).code() == 0;
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  /** Runs a tool in {@code deploy/}. */
  static Outcome run(String tool, String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(tool));
    line.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(line).directory(DEPLOY.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(tool + " did not end within 60 s");
    }
    return new Outcome(process.exitValue(), output);
  }
}
