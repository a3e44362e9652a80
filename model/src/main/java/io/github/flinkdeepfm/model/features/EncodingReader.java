package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.Problems;
import io.github.flinkdeepfm.model.checkpoint.JsonFields;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads the encoding of a sparse feature and checks that its ids fit the table. */
final class EncodingReader {
  private static final String NAMES = "one of id, hash, hex, vocabulary, bucketize";
  private static final long MAX_UNSIGNED_INT = 0xffff_ffffL;

  private final ModelDirectory directory;
  private final Problems problems;

  EncodingReader(ModelDirectory directory, Problems problems) {
    this.directory = directory;
    this.problems = problems;
  }

  /**
   * @param table rows of the feature's table; empty if there is no such feature
   */
  Encoding read(JsonFields fields, Optional<Long> table) {
    long rows = table.orElse(Long.MAX_VALUE);
    String name =
        fields.optional("encoding").isEmpty() ? "id" : fields.string("encoding").orElse("");
    return switch (name) {
      case "id" -> new Encoding.Id(rows, outOfRange(fields));
      case "hash" -> hash(fields, rows);
      case "hex" -> new Encoding.Hex(rows);
      case "vocabulary" -> vocabulary(fields, rows);
      case "bucketize" -> bucketize(fields, rows);
      default -> {
        problems.expected(fields.at("encoding"), NAMES, Text.quote(name));
        yield new Encoding.Id(rows, Encoding.OutOfRange.REJECT);
      }
    };
  }

  private Encoding.OutOfRange outOfRange(JsonFields fields) {
    if (fields.optional("on_out_of_range").isEmpty()) {
      return Encoding.OutOfRange.REJECT;
    }
    String name = fields.string("on_out_of_range").orElse("reject");
    for (Encoding.OutOfRange rule : Encoding.OutOfRange.values()) {
      if (rule.name().toLowerCase(Locale.ROOT).equals(name)) {
        return rule;
      }
    }
    problems.expected(
        fields.at("on_out_of_range"), "one of reject, modulo, drop", Text.quote(name));
    return Encoding.OutOfRange.REJECT;
  }

  private Encoding hash(JsonFields fields, long rows) {
    long seed = fields.integer("seed", 0, MAX_UNSIGNED_INT, 0);
    long offset = fields.integer("offset", 0, Long.MAX_VALUE, 0);
    long buckets =
        fields.optional("buckets").isEmpty()
            ? rows - offset
            : fields.positive("buckets", Long.MAX_VALUE);
    if (buckets < 1 || offset > rows - buckets) {
      problems.expected(
          fields.at("buckets"),
          "buckets + offset up to num_embeddings " + rows,
          buckets + " + " + offset);
      buckets = 1;
    }
    return new Encoding.Hash((int) seed, buckets, offset);
  }

  private Encoding vocabulary(JsonFields fields, long rows) {
    boolean inline = fields.optional("vocabulary").isPresent();
    boolean inFile = fields.optional("vocabulary_file").isPresent();
    List<String> words = List.of();
    if (inline == inFile) {
      problems.expected(
          fields.at("vocabulary"), "vocabulary or vocabulary_file", inline ? "both" : "neither");
    } else if (inline) {
      words = inline(fields);
    } else {
      words = fields.string("vocabulary_file").map(f -> lines(fields, f)).orElse(List.of());
    }
    Map<String, Integer> ids = new HashMap<>();
    for (int i = 0; i < words.size(); i++) {
      if (ids.put(words.get(i), i + 1) != null) {
        problems.add(
            fields.at("vocabulary"),
            "expected each entry once, got twice " + Text.quote(words.get(i)));
      }
    }
    if (words.size() >= rows) {
      problems.expected(
          fields.at("vocabulary"), "fewer entries than num_embeddings " + rows, words.size());
    }
    return new Encoding.Vocabulary(ids);
  }

  private List<String> inline(JsonFields fields) {
    List<String> words = new ArrayList<>();
    JsonNode node = fields.optional("vocabulary").orElseThrow();
    for (JsonNode entry : node) {
      if (!entry.isTextual()) {
        problems.expected(fields.at("vocabulary"), "strings", JsonFields.shown(entry));
      }
      words.add(entry.asText());
    }
    if (!node.isArray()) {
      problems.expected(fields.at("vocabulary"), "an array of strings", JsonFields.shown(node));
    }
    return words;
  }

  private List<String> lines(JsonFields fields, String name) {
    try {
      Optional<Path> file = directory.inheritedFile(name);
      if (file.isEmpty()) {
        problems.expected(
            fields.at("vocabulary_file"), "a file in the model directory", Text.quote(name));
        return List.of();
      }
      return Files.readAllLines(file.get());
    } catch (InvalidModelException | IOException e) {
      problems.expected(
          fields.at("vocabulary_file"), "a UTF-8 file in the model directory", e.getMessage());
      return List.of();
    }
  }

  private Encoding bucketize(JsonFields fields, long rows) {
    List<Double> found = new ArrayList<>();
    Optional<JsonNode> node = fields.optional("boundaries");
    if (node.isEmpty() || !node.get().isArray()) {
      problems.expected(
          fields.at("boundaries"),
          "an array of numbers",
          node.map(JsonFields::shown).orElse("none"));
    } else {
      for (JsonNode boundary : node.get()) {
        double value = boundary.isNumber() ? boundary.doubleValue() : Double.NaN;
        if (!Double.isFinite(value)) {
          problems.expected(fields.at("boundaries"), "finite numbers", JsonFields.shown(boundary));
        } else if (!found.isEmpty() && value < found.get(found.size() - 1)) {
          problems.expected(fields.at("boundaries"), "ascending numbers", found + ", " + value);
        }
        found.add(value);
      }
    }
    if (found.size() >= rows) {
      problems.expected(fields.at("boundaries"), "fewer than num_embeddings " + rows, found.size());
    }
    return new Encoding.Bucketize(found.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
