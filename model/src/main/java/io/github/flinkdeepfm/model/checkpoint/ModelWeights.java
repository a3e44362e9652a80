package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import java.util.List;
import java.util.Map;

/**
 * The parameters of one model version: dense ones on the heap, tables mapped from its files.
 *
 * <p>Thread-safe until closed. {@link #close} unmaps the tables: whoever calls it has made sure
 * that nobody reads them any more (a read after that fails or crashes the process).
 */
public final class ModelWeights implements AutoCloseable {
  private final ModelConfig config;
  private final Map<String, float[]> dense;
  private final List<EmbeddingTable> tables;
  private final List<MappedTable> mapped;

  ModelWeights(
      ModelConfig config,
      Map<String, float[]> dense,
      List<EmbeddingTable> tables,
      List<MappedTable> mapped) {
    this.config = config;
    this.dense = Map.copyOf(dense);
    this.tables = List.copyOf(tables);
    this.mapped = List.copyOf(mapped);
  }

  public ModelConfig config() {
    return config;
  }

  /**
   * One dense parameter, row-major; shapes are in {@link StateDict}. Not a copy: not to be written.
   *
   * @param name as {@link StateDict} names it
   * @throws IllegalArgumentException if the model has no such parameter
   */
  public float[] dense(String name) {
    float[] values = dense.get(name);
    if (values == null) {
      throw new IllegalArgumentException(
          "expected one of " + dense.keySet().stream().sorted().toList() + ", got " + name);
    }
    return values;
  }

  /** The tables in the order of {@link ModelConfig#tables()}. */
  public List<EmbeddingTable> tables() {
    return tables;
  }

  /** Bytes of files that are mapped, those of bases and deltas included. */
  public long mappedBytes() {
    return mapped.stream().mapToLong(MappedTable::mappedBytes).sum();
  }

  /** A second call does nothing. */
  @Override
  public void close() {
    mapped.forEach(MappedTable::close);
  }
}
