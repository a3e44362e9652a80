package io.github.flinkdeepfm.model.publish;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The files of a model directory that make up a version. Whatever else a trainer keeps there
 * (optimizer state, logs) is not copied.
 */
final class SourceFiles {
  static final String FEATURES = "features.json";

  private static final List<String> SAMPLES =
      List.of(
          "input.json",
          "input.safetensors",
          "expected.safetensors",
          "sample.jsonl",
          "sample_scores.jsonl");

  private record Stamp(long bytes, FileTime modified) {}

  private final ModelDirectory directory;
  private final List<Path> documents = new ArrayList<>();
  private final Map<Path, Stamp> stamps = new HashMap<>();

  /**
   * Remembers how the files look now, see {@link #checkUnchanged}.
   *
   * @throws InvalidModelException if a vocabulary file is missing
   */
  SourceFiles(ModelDirectory directory) throws IOException {
    this.directory = directory;
    Set<String> inherited = new LinkedHashSet<>();
    inherited.add(ModelDirectory.MODEL);
    if (directory.inheritedFile(FEATURES).isPresent()) {
      inherited.add(FEATURES);
      inherited.addAll(vocabularies(directory.inheritedFile(FEATURES).get()));
    }
    for (String name : inherited) {
      documents.add(
          directory
              .inheritedFile(name)
              .orElseThrow(
                  () ->
                      new InvalidModelException(
                          directory.path() + ": expected the file " + name + ", got none")));
    }
    // A delta's samples are its own: its base has other outputs.
    SAMPLES.forEach(name -> directory.file(name).ifPresent(documents::add));
    for (Path file : documents) {
      stamps.put(file, stamp(file));
    }
    for (Path file : directory.tensorFiles()) {
      stamps.put(file, stamp(file));
    }
  }

  /** All but the tensors; for a delta, what it inherits from its bases is among them. */
  List<Path> documents() {
    return documents;
  }

  boolean hasFeatures() {
    return directory.inheritedFile(FEATURES).isPresent();
  }

  /**
   * @throws InvalidModelException if a trainer wrote to the directory meanwhile: then what was
   *     copied is not what was checked
   */
  void checkUnchanged() throws IOException {
    for (Map.Entry<Path, Stamp> file : stamps.entrySet()) {
      Stamp now = stamp(file.getKey());
      if (!now.equals(file.getValue())) {
        throw new InvalidModelException(
            file.getKey()
                + ": expected a file that nobody writes while it is published, got "
                + file.getValue()
                + " and then "
                + now);
      }
    }
  }

  private static Stamp stamp(Path file) throws IOException {
    return new Stamp(Files.size(file), Files.getLastModifiedTime(file));
  }

  private static Set<String> vocabularies(Path features) {
    Set<String> names = new LinkedHashSet<>();
    for (JsonNode feature : StrictJson.readObject(features).path("sparse")) {
      if (feature.path("vocabulary_file").isTextual()) {
        names.add(feature.path("vocabulary_file").textValue());
      }
    }
    return names;
  }
}
