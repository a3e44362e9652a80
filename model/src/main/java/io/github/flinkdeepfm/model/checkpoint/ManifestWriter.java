package io.github.flinkdeepfm.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** Writes {@code manifest.json}, as {@link ManifestReader} reads it. */
public final class ManifestWriter {
  private ManifestWriter() {}

  /** The document's text. */
  public static String toJson(Manifest manifest) {
    ObjectNode json =
        StrictJson.MAPPER
            .createObjectNode()
            .put("format", ManifestReader.FORMAT)
            .put("version", manifest.version())
            .put("kind", manifest.kind().name().toLowerCase(Locale.ROOT))
            .put("base", manifest.base().orElse(null))
            .put("created_at", manifest.createdAt().toString());
    ArrayNode files = json.putArray("files");
    for (Manifest.FileEntry file : manifest.files()) {
      files
          .addObject()
          .put("name", file.name())
          .put("bytes", file.bytes())
          .put("sha256", file.sha256());
    }
    if (!manifest.provenance().isMissingNode()) {
      json.set("provenance", manifest.provenance());
    }
    try {
      return StrictJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
    }
  }
}
