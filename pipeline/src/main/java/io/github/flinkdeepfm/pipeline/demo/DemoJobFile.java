package io.github.flinkdeepfm.pipeline.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes the demo's {@code job.yaml}, which {@code run --config} takes as well. */
final class DemoJobFile {
  static final String EVENTS = "events";
  static final String SCORES = "scores";
  static final String DEAD_LETTERS = "events-dead";

  /** Short, for scores of an exactly-once job are seen only after the next checkpoint. */
  static final String CHECKPOINT_INTERVAL = "1s";

  private DemoJobFile() {}

  /**
   * @param folder takes the file, and all that Flink writes
   */
  static Path write(Path folder, DemoSettings settings, String bootstrapServers, Path modelRoot)
      throws IOException {
    Map<String, Object> job = new LinkedHashMap<>();
    job.put("job", "demo");
    job.put("kafka", Map.of("bootstrap.servers", bootstrapServers));
    job.put("events", Map.of("topic", EVENTS, "group", "demo", "start", "earliest"));
    job.put("scores", Map.of("topic", SCORES, "delivery", "exactly_once"));
    job.put("dead_letters", Map.of("topic", DEAD_LETTERS));
    String cache = folder.resolve("cache").toString();
    job.put("model", Map.of("root", modelRoot.toString(), "cache", Map.of("dir", cache)));
    Map<String, Object> flink = new LinkedHashMap<>();
    flink.put("parallelism", settings.parallelism());
    flink.put("checkpoint_interval", CHECKPOINT_INTERVAL);
    flink.put("rest.port", settings.webPort());
    flink.put("io.tmp.dirs", folder.resolve("flink").toString());
    flink.put("web.tmpdir", folder.resolve("flink").toString());
    flink.put("execution.checkpointing.dir", folder.resolve("checkpoints").toUri().toString());
    flink.put("restart-strategy.type", "fixed-delay");
    flink.put("restart-strategy.fixed-delay.attempts", 3);
    flink.put("taskmanager.memory.network.min", "32m");
    flink.put("taskmanager.memory.network.max", "32m");
    flink.put("taskmanager.memory.managed.size", "16m");
    job.put("flink", flink);
    Path file = folder.resolve("job.yaml");
    Files.writeString(file, new ObjectMapper(new YAMLFactory()).writeValueAsString(job));
    return file;
  }
}
