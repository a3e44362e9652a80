package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.model.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the {@code encoding} of one sparse feature, with the keys that belong to it. */
final class EncodingReader {
  private static final long MAX_SEED = 0xFFFF_FFFFL;

  private final Path modelDir;
  private final Problems problems;

  EncodingReader(Path modelDir, Problems problems) {
    this.modelDir = modelDir;
    this.problems = problems;
  }

  /**
   * @param rows ids of the feature are 0 ≤ id &lt; rows
   */
  Encoding read(ConfigSection entry, long rows) {
    String encoding = entry.string("encoding", "id");
    return switch (encoding) {
      case "id" -> new Encoding.Id(readOnOutOfRange(entry), readAccept(entry));
      case "hash" -> readHash(entry, rows);
      case "hex" -> new Encoding.Hex(readWidth(entry));
      case "vocabulary" -> readVocabulary(entry, rows);
      case "bucketize" -> readBucketize(entry, rows);
      default -> {
        problems.expected(
            entry.at("encoding"), "id, hash, hex, vocabulary or bucketize", "\"" + encoding + "\"");
        // Its other keys cannot be judged: all that some encoding has are taken for known.
        List.of("on_out_of_range", "seed", "buckets", "offset").forEach(entry::has);
        List.of("vocabulary", "vocabulary_file", "boundaries").forEach(entry::has);
        List.of("accept", "signedness", "width").forEach(entry::has);
        yield new Encoding.Hex();
      }
    };
  }

  private Encoding.OnOutOfRange readOnOutOfRange(ConfigSection entry) {
    String text = entry.string("on_out_of_range", "reject");
    return switch (text) {
      case "reject" -> Encoding.OnOutOfRange.REJECT;
      case "modulo" -> Encoding.OnOutOfRange.MODULO;
      case "drop" -> Encoding.OnOutOfRange.DROP;
      default -> {
        problems.expected(
            entry.at("on_out_of_range"), "reject, modulo or drop", "\"" + text + "\"");
        yield Encoding.OnOutOfRange.REJECT;
      }
    };
  }

  private Encoding readHash(ConfigSection entry, long rows) {
    long seed = entry.integer("seed", 0, MAX_SEED, 0);
    long buckets = entry.integer("buckets", 1, rows, rows);
    long offset = entry.integer("offset", 0, rows, 0);
    if (offset > rows - buckets) {
      problems.expected(
          entry.at("offset"),
          "buckets + offset of at most num_embeddings " + rows,
          buckets + " + " + offset);
    }
    return new Encoding.Hash((int) seed, buckets, offset, readSignedness(entry), readAccept(entry));
  }

  private Encoding.Signedness readSignedness(ConfigSection entry) {
    String text = entry.string("signedness", "unsigned");
    return switch (text) {
      case "unsigned" -> Encoding.Signedness.UNSIGNED;
      case "signed" -> Encoding.Signedness.SIGNED;
      case "abs" -> Encoding.Signedness.ABS;
      default -> {
        problems.expected(entry.at("signedness"), "unsigned, signed or abs", "\"" + text + "\"");
        yield Encoding.Signedness.UNSIGNED;
      }
    };
  }

  private Accept readAccept(ConfigSection entry) {
    boolean strings = false;
    boolean floats = false;
    for (JsonNode form : entry.array("accept")) {
      switch (form.isTextual() ? form.textValue() : "") {
        case "string" -> strings = true;
        case "float" -> floats = true;
        default ->
            problems.expected(
                entry.at("accept"), "\"string\" or \"float\"", ConfigSection.describe(form));
      }
    }
    return new Accept(strings, floats);
  }

  private int readWidth(ConfigSection entry) {
    long width = entry.integer("width", Integer.SIZE, Long.SIZE, Long.SIZE);
    if (width != Integer.SIZE && width != Long.SIZE) {
      problems.expected(entry.at("width"), "32 or 64", width);
    }
    return (int) width;
  }

  private Encoding readVocabulary(ConfigSection entry, long rows) {
    boolean inline = entry.has("vocabulary");
    boolean file = entry.has("vocabulary_file");
    if (inline == file) {
      problems.expected(
          entry.at("encoding"), "vocabulary or vocabulary_file", inline ? "both" : "neither");
    }
    String key = file ? "vocabulary_file" : "vocabulary";
    List<String> words = file ? readWordFile(entry) : readWords(entry);
    Set<String> distinct = new HashSet<>();
    for (String word : words) {
      if (!distinct.add(word)) {
        problems.expected(entry.at(key), "each word once", "\"" + word + "\" again");
      }
    }
    if (words.size() >= rows) {
      problems.expected(
          entry.at(key), "fewer words than num_embeddings " + rows, words.size() + " words");
    }
    return new Encoding.Vocabulary(words);
  }

  private List<String> readWords(ConfigSection entry) {
    List<String> words = new ArrayList<>();
    for (JsonNode word : entry.array("vocabulary")) {
      if (word.isTextual()) {
        words.add(word.textValue());
      } else {
        problems.expected(entry.at("vocabulary"), "strings", ConfigSection.describe(word));
      }
    }
    return words;
  }

  private List<String> readWordFile(ConfigSection entry) {
    String name = entry.string("vocabulary_file", "");
    String where = entry.at("vocabulary_file");
    try {
      Path directory = modelDir.toAbsolutePath().normalize();
      Path file = directory.resolve(name).normalize();
      if (name.isEmpty() || !file.startsWith(directory)) {
        problems.expected(where, "a file in the model directory", "\"" + name + "\"");
        return List.of();
      }
      return Files.readAllLines(file);
    } catch (InvalidPathException | IOException e) {
      problems.expected(where, "a UTF-8 file in the model directory", e);
      return List.of();
    }
  }

  private Encoding readBucketize(ConfigSection entry, long rows) {
    if (!entry.has("boundaries")) {
      problems.expected(entry.at("boundaries"), "an array of numbers", "none");
    }
    List<Double> boundaries = new ArrayList<>();
    double last = Double.NEGATIVE_INFINITY;
    for (JsonNode boundary : entry.array("boundaries")) {
      double value = boundary.doubleValue();
      if (!boundary.isNumber() || !(value > last) || !Double.isFinite(value)) {
        problems.expected(
            entry.at("boundaries"),
            "finite numbers in ascending order",
            ConfigSection.describe(boundary) + " after " + last);
        continue;
      }
      boundaries.add(value);
      last = value;
    }
    if (boundaries.size() >= rows) {
      problems.expected(
          entry.at("boundaries"),
          "fewer boundaries than num_embeddings " + rows,
          boundaries.size() + " boundaries");
    }
    return new Encoding.Bucketize(boundaries);
  }
}
