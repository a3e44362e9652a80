package io.github.flinkdeepfm.jars;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The components that an SBOM lists, its subject included. */
record Sbom(JsonNode document, List<Component> components) {
  private static final Pattern CLASSIFIER = Pattern.compile("[?&]classifier=([^&]+)");

  /**
   * @param classifier empty for an artifact's main jar
   */
  record Component(String group, String name, String version, String classifier) {
    /** Whether a jar of the class path is this artifact: from Maven's repository or this build. */
    boolean is(Path jar) {
      String file = name + "-" + version + (classifier.isEmpty() ? "" : "-" + classifier) + ".jar";
      return jar.endsWith(Path.of(group.replace('.', '/'), name, version, file))
          || group.equals("io.github.flinkdeepfm") && jar.endsWith(Path.of("target", file));
    }
  }

  static Sbom read(Path file) throws IOException {
    JsonNode document = new ObjectMapper().readTree(file.toFile());
    List<Component> components = new ArrayList<>();
    components.add(component(document.at("/metadata/component")));
    document.path("components").forEach(c -> components.add(component(c)));
    return new Sbom(document, components);
  }

  private static Component component(JsonNode node) {
    Matcher classifier = CLASSIFIER.matcher(node.path("purl").asText());
    return new Component(
        node.path("group").asText(),
        node.path("name").asText(),
        node.path("version").asText(),
        classifier.find() ? classifier.group(1) : "");
  }
}
