package io.github.flinkdeepfm.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.Problems;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads {@code manifest.json}, format 1. */
public final class ManifestReader {
  static final int FORMAT = 1;

  private final JsonFields fields;
  private final Problems problems;

  private ManifestReader(JsonFields fields, Problems problems) {
    this.fields = fields;
    this.problems = problems;
  }

  /**
   * Reads and checks the file.
   *
   * @throws InvalidModelException if the file cannot be read
   * @throws InvalidConfigurationException naming all of its mistakes
   */
  public static Manifest read(Path file) {
    return read(file.toString(), StrictJson.readObject(file, Manifest.MAX_BYTES));
  }

  /**
   * Checks a document that is in memory.
   *
   * @param document names the text in errors
   * @throws InvalidConfigurationException naming all of its mistakes
   */
  public static Manifest parse(String document, String json) {
    return read(document, StrictJson.parseObject(document, json));
  }

  private static Manifest read(String document, ObjectNode object) {
    Problems problems = new Problems(document);
    Manifest manifest = new ManifestReader(new JsonFields(object, "", problems), problems).read();
    problems.throwIfAny();
    return manifest;
  }

  private Manifest read() {
    Optional<JsonNode> format = fields.optional("format");
    if (format.isEmpty() || !format.get().isInt() || format.get().intValue() != FORMAT) {
      problems.expected("format", "" + FORMAT, format.map(JsonFields::shown).orElse("no such key"));
    }
    String version = fields.string("version").map(v -> checkedVersion("version", v)).orElse("");
    Manifest.Kind kind = kind();
    Optional<String> base =
        fields.optional("base").isEmpty()
            ? Optional.empty()
            : fields.string("base").map(b -> checkedVersion("base", b));
    if (kind == Manifest.Kind.DELTA && base.isEmpty()) {
      problems.expected("base", "the version that this delta applies to", "none");
    }
    if (kind == Manifest.Kind.FULL && base.isPresent()) {
      problems.expected("base", "none in a full version", Text.quote(base.get()));
    }
    Instant createdAt = createdAt();
    List<Manifest.FileEntry> files = files();
    JsonNode provenance = fields.optional("provenance").orElse(MissingNode.getInstance());
    fields.rejectUnknown();
    return new Manifest(version, kind, base, createdAt, files, provenance);
  }

  private Manifest.Kind kind() {
    String kind = fields.string("kind").orElse("full");
    if (!kind.equals("full") && !kind.equals("delta")) {
      problems.expected("kind", "full or delta", Text.quote(kind));
    }
    return kind.equals("delta") ? Manifest.Kind.DELTA : Manifest.Kind.FULL;
  }

  private String checkedVersion(String key, String version) {
    if (!Text.isVersion(version)) {
      problems.expected(
          key,
          "at most 128 letters, digits, '.', '_', '-', the first a letter or digit",
          Text.quote(version));
    }
    return version;
  }

  /** ISO 8601 with a zone, or epoch milliseconds; of a time that a long of milliseconds holds. */
  private Instant createdAt() {
    JsonNode node = fields.optional("created_at").orElse(MissingNode.getInstance());
    try {
      Instant time =
          node.isIntegralNumber() && node.canConvertToLong()
              ? Instant.ofEpochMilli(node.longValue())
              : OffsetDateTime.parse(node.asText()).toInstant();
      if (!time.isBefore(Instant.EPOCH) && !time.isAfter(Manifest.LATEST)) {
        return time;
      }
    } catch (DateTimeException e) {
      // Said below.
    }
    problems.expected(
        "created_at",
        "an ISO 8601 time with a zone or epoch milliseconds, from 1970 to 9999",
        node.isMissingNode() ? "no such key" : JsonFields.shown(node));
    return Instant.EPOCH;
  }

  private List<Manifest.FileEntry> files() {
    List<Manifest.FileEntry> files = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int count = fields.optional("files").map(JsonNode::size).orElse(0);
    if (count > Manifest.MAX_FILES) {
      problems.expected("files", "at most " + Manifest.MAX_FILES, "" + count);
      return files;
    }
    for (JsonFields file : fields.objects("files")) {
      String name = file.string("name").orElse("");
      if (!name.isEmpty() && !Text.isPlainFileName(name)) {
        problems.expected(
            file.at("name"), "a plain file name inside the directory", Text.quote(name));
      } else if (!name.isEmpty() && !names.add(name)) {
        problems.expected(file.at("name"), "each file once", Text.quote(name) + " again");
      }
      JsonNode bytes = file.optional("bytes").orElse(MissingNode.getInstance());
      if (!bytes.isIntegralNumber()
          || !bytes.canConvertToLong()
          || bytes.longValue() < 0
          || bytes.longValue() > Manifest.MAX_FILE_BYTES) {
        problems.expected(
            file.at("bytes"),
            "a size from 0 to " + Manifest.MAX_FILE_BYTES,
            JsonFields.shown(bytes));
      }
      String sha256 = file.string("sha256").orElse("").toLowerCase(Locale.ROOT);
      if (!sha256.isEmpty() && !sha256.matches("[0-9a-f]{64}")) {
        problems.expected(file.at("sha256"), "64 hexadecimal digits", Text.quote(sha256));
      }
      file.rejectUnknown();
      files.add(new Manifest.FileEntry(name, bytes.asLong(), sha256));
    }
    return files;
  }
}
