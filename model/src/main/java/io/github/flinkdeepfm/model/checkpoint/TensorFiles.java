package io.github.flinkdeepfm.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.Problems;
import java.io.Closeable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The tensors of a full version, in one file or in shards that {@code model.safetensors.index.json}
 * lists (the Hugging Face convention: {@code {"metadata":{…},"weight_map":{tensor: file}}}).
 */
final class TensorFiles implements Closeable {
  static final String INDEX = "model.safetensors.index.json";

  private final Path source;
  private final Map<String, SafetensorsFile> fileOfTensor = new LinkedHashMap<>();
  private final List<SafetensorsFile> files = new ArrayList<>();

  private TensorFiles(Path source) {
    this.source = source;
  }

  /**
   * Opens all tensor files of a directory.
   *
   * @throws InvalidModelException naming the file that is missing or wrong
   */
  static TensorFiles open(Path directory) {
    boolean single = Files.exists(directory.resolve(ModelDirectory.TENSORS));
    boolean sharded = Files.exists(directory.resolve(INDEX));
    if (single == sharded) {
      throw new InvalidModelException(
          directory
              + ": expected either "
              + ModelDirectory.TENSORS
              + " or "
              + INDEX
              + ", got "
              + (single ? "both" : FoundInstead.besideModel(directory)));
    }
    TensorFiles tensors =
        new TensorFiles(directory.resolve(single ? ModelDirectory.TENSORS : INDEX));
    boolean opened = false;
    try {
      if (single) {
        tensors.add(SafetensorsFile.open(tensors.source));
      } else {
        tensors.addShards(directory);
      }
      opened = true;
      return tensors;
    } finally {
      if (!opened) {
        tensors.close();
      }
    }
  }

  /**
   * @throws InvalidModelException naming every tensor that is missing, unexpected, or of another
   *     shape or dtype
   */
  void check(List<StateDict.Entry> expected) {
    Problems problems = new Problems(source.toString());
    Map<String, SafetensorsFile> unexpected = new LinkedHashMap<>(fileOfTensor);
    for (StateDict.Entry entry : expected) {
      SafetensorsFile file = unexpected.remove(entry.name());
      if (file == null) {
        problems.expected(
            "tensor " + entry.name(), entry.dtype() + " " + entry.shape(), "no such tensor");
      } else {
        check(entry, file.tensors().get(entry.name()), problems);
      }
    }
    unexpected.forEach(
        (name, file) -> {
          TensorInfo tensor = file.tensors().get(name);
          problems.expected(
              "tensor " + Text.quote(name),
              "no such tensor in this model",
              tensor.shown() + " in " + file.path().getFileName());
        });
    if (!problems.isEmpty()) {
      throw Text.invalid(source, problems.list());
    }
  }

  /** Adds a problem if the tensor is not what the model needs. */
  static void check(StateDict.Entry expected, TensorInfo tensor, Problems problems) {
    if (!tensor.shape().equals(expected.shape()) || !tensor.is(expected.dtype())) {
      problems.expected(
          "tensor " + expected.name(), expected.dtype() + " " + expected.shape(), tensor.shown());
    }
  }

  /** The file that holds a tensor which {@link #check} has seen. */
  SafetensorsFile fileOf(String tensor) {
    return fileOfTensor.get(tensor);
  }

  /** Every file that a copy of these tensors needs. */
  List<Path> paths() {
    Stream<Path> data = files.stream().map(SafetensorsFile::path);
    return Stream.concat(Stream.of(source), data).distinct().toList();
  }

  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }

  private void add(SafetensorsFile file) {
    files.add(file);
    file.tensors().keySet().forEach(name -> fileOfTensor.put(name, file));
  }

  private void addShards(Path directory) {
    Map<String, List<String>> tensorsOfShard = new TreeMap<>();
    Problems problems = new Problems(source.toString());
    JsonNode weightMap = StrictJson.readObject(source).path("weight_map");
    if (!weightMap.isObject()) {
      problems.expected("weight_map", "an object", weightMap.getNodeType());
    }
    weightMap
        .fields()
        .forEachRemaining(
            entry -> {
              String shard = entry.getValue().asText();
              if (!entry.getValue().isTextual() || !Text.isPlainFileName(shard)) {
                problems.expected(
                    "weight_map " + Text.quote(entry.getKey()),
                    "a plain file name inside the directory",
                    JsonFields.shown(entry.getValue()));
              } else {
                tensorsOfShard
                    .computeIfAbsent(shard, name -> new ArrayList<>())
                    .add(entry.getKey());
              }
            });
    if (problems.isEmpty()) {
      tensorsOfShard.forEach((shard, names) -> addShard(directory.resolve(shard), names, problems));
    }
    if (!problems.isEmpty()) {
      throw Text.invalid(source, problems.list());
    }
  }

  private void addShard(Path path, List<String> names, Problems problems) {
    SafetensorsFile shard = SafetensorsFile.open(path);
    files.add(shard);
    Map<String, TensorInfo> unlisted = new HashMap<>(shard.tensors());
    for (String name : names) {
      if (unlisted.remove(name) == null) {
        problems.expected(
            "tensor " + Text.quote(name), "it in " + path.getFileName(), "no such tensor there");
      } else {
        fileOfTensor.put(name, shard);
      }
    }
    List<String> rest = new ArrayList<>(unlisted.keySet());
    Collections.sort(rest);
    for (String name : rest) {
      problems.expected(
          "tensor " + Text.quote(name) + " of " + path.getFileName(),
          "it in weight_map with that file",
          "no such entry");
    }
  }
}
