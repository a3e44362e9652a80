package io.github.flinkdeepfm.jars;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Cuts the SBOM of a module to the artifacts that one of its jars carries. Runs in the build:
 * CycloneDX's plugin lists a module's dependencies and knows no part of them.
 */
public final class SbomSubset {
  private SbomSubset() {}

  /**
   * @param arguments the module's SBOM, the file to write, and the artifacts as {@code group:name},
   *     with {@code *}, separated by commas
   */
  public static void main(String[] arguments) throws IOException {
    if (Files.notExists(Path.of(arguments[0]))) {
      System.out.println("no " + arguments[1] + ": CycloneDX's plugin makes no SBOM offline");
      return;
    }
    ObjectMapper json = new ObjectMapper();
    ObjectNode sbom = (ObjectNode) json.readTree(Path.of(arguments[0]).toFile());
    cut(sbom, pattern(arguments[2]));
    json.writerWithDefaultPrettyPrinter().writeValue(Path.of(arguments[1]).toFile(), sbom);
  }

  private static Pattern pattern(String artifacts) {
    return Pattern.compile(
        Stream.of(artifacts.split(","))
            .map(a -> "\\Q" + a.strip().replace("*", "\\E.*\\Q") + "\\E")
            .collect(Collectors.joining("|")));
  }

  static void cut(ObjectNode sbom, Pattern artifacts) {
    Set<String> kept = new HashSet<>();
    kept.add(sbom.at("/metadata/component/bom-ref").asText());
    ArrayNode components = sbom.withArray("components");
    components.forEach(
        c -> {
          String artifact = c.path("group").asText() + ":" + c.path("name").asText();
          if (artifacts.matcher(artifact).matches()) {
            kept.add(c.path("bom-ref").asText());
          }
        });
    remove(components, "bom-ref", kept);

    Map<String, JsonNode> edges = new HashMap<>();
    ArrayNode dependencies = sbom.withArray("dependencies");
    dependencies.forEach(d -> edges.put(d.path("ref").asText(), d.path("dependsOn")));
    remove(dependencies, "ref", kept);
    for (JsonNode dependency : dependencies) {
      Set<String> reached = new LinkedHashSet<>();
      String ref = dependency.path("ref").asText();
      reach(ref, edges, kept, reached, new HashSet<>());
      reached.remove(ref);
      ArrayNode dependsOn = ((ObjectNode) dependency).putArray("dependsOn");
      reached.stream().sorted().forEach(dependsOn::add);
    }
  }

  private static void remove(ArrayNode nodes, String key, Set<String> kept) {
    for (Iterator<JsonNode> each = nodes.iterator(); each.hasNext(); ) {
      if (!kept.contains(each.next().path(key).asText())) {
        each.remove();
      }
    }
  }

  /** What is needed by way of what is not carried is needed all the same. */
  private static void reach(
      String from,
      Map<String, JsonNode> edges,
      Set<String> kept,
      Set<String> reached,
      Set<String> passed) {
    for (JsonNode next : edges.getOrDefault(from, new ObjectMapper().createArrayNode())) {
      String ref = next.asText();
      if (kept.contains(ref)) {
        reached.add(ref);
      } else if (passed.add(ref)) {
        reach(ref, edges, kept, reached, passed);
      }
    }
  }
}
