package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a version takes of a process's memory, told by its files' headers alone.
 *
 * @param mapped the tensors that are mapped; versions that name the same one share its pages
 * @param privateBytes the dense parameters, twice (as read, and as the GEMMs want them), and the
 *     rows and index of overlays; the buffers of scorers, a few MB a slot, are not in it
 */
public record MemoryFootprint(Set<MappedTensor> mapped, long privateBytes) {

  /**
   * A tensor that is mapped from a file.
   *
   * @param bytes its size
   */
  public record MappedTensor(Path file, String name, long bytes) {}

  public MemoryFootprint {
    mapped = Set.copyOf(mapped);
  }

  /**
   * @param full directory of a full version
   * @param deltas directories of the deltas on it, oldest first
   * @throws InvalidModelException if a file is missing, or the full version's tensors are not those
   *     of {@code config}
   */
  static MemoryFootprint read(ModelConfig config, Path full, List<Path> deltas) {
    Set<MappedTensor> mapped = new HashSet<>();
    try (TensorFiles files = TensorFiles.open(full)) {
      files.check(StateDict.of(config));
      for (EmbeddingBagConfig table : config.tables()) {
        String name = StateDict.tableName(config, table);
        mapped.add(mapped(files.fileOf(name), name));
      }
    }
    Map<String, Long> changedRows = new HashMap<>();
    for (Path delta : deltas) {
      try (SafetensorsFile file = SafetensorsFile.open(delta.resolve(ModelDirectory.DELTA))) {
        for (EmbeddingBagConfig table : config.tables()) {
          TensorInfo rows = file.tensors().get(StateDict.deltaRows(table));
          String values = StateDict.deltaValues(table);
          // A delta that has only one of them is refused when it is loaded.
          if (rows != null && file.tensors().containsKey(values)) {
            changedRows.merge(table.name(), rows.elements(), Long::sum);
            mapped.add(mapped(file, values));
          }
        }
      }
    }
    long dense =
        StateDict.dense(config).stream()
            .mapToLong(
                entry ->
                    entry.dtype().bytes() * entry.shape().stream().reduce(1L, Math::multiplyExact))
            .sum();
    long overlays = changedRows.values().stream().mapToLong(OverlayTable::heapBytes).sum();
    return new MemoryFootprint(mapped, 2 * dense + overlays);
  }

  private static MappedTensor mapped(SafetensorsFile file, String name) {
    TensorInfo tensor = file.tensors().get(name);
    return new MappedTensor(file.path(), name, tensor.end() - tensor.begin());
  }
}
