package io.github.flinkdeepfm.model.publish;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where a version comes from: {@code published_at}, {@code java}, {@code os}, what the user says
 * ({@code trainer}, {@code data_from}, {@code data_to} …) and, if the source was a published
 * version itself, {@code source} with that version's own provenance.
 */
final class Provenance {
  private static final Set<String> RESERVED =
      Set.of("published_at", "java", "os", "source", "compacted_from");

  private Provenance() {}

  /**
   * @throws InvalidConfigurationException if the user gives a key that the publisher fills in
   */
  static ObjectNode of(
      Map<String, String> user, ModelDirectory source, Optional<String> compactedFrom, Instant at) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, String> pair : new TreeMap<>(user).entrySet()) {
      if (RESERVED.contains(pair.getKey())) {
        throw new InvalidConfigurationException(
            "provenance",
            List.of("expected none of the keys " + RESERVED + ", got " + pair.getKey()));
      }
      json.put(pair.getKey(), pair.getValue());
    }
    json.put("published_at", at.toString());
    json.put("java", property("java.vendor") + " " + property("java.runtime.version"));
    json.put("os", property("os.name") + " " + property("os.version") + " " + property("os.arch"));
    compactedFrom.ifPresent(version -> json.put("compacted_from", version));
    source
        .manifest()
        .ifPresent(
            manifest -> {
              ObjectNode from = json.putObject("source").put("version", manifest.version());
              if (manifest.provenance().isObject()) {
                ObjectNode previous = manifest.provenance().deepCopy();
                // One step back: else it grows with every promotion and compaction.
                previous.remove("source");
                from.set("provenance", previous);
              }
            });
    return json;
  }

  private static String property(String name) {
    return System.getProperty(name);
  }
}
