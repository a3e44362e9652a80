package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
  private final Map<Source, MappedTable> mapped;
  private final Set<MappedTable> shared;
  private final long changedRows;
  private boolean closed;

  /** Where a table was mapped from. */
  record Source(Path file, String tensor) {}

  ModelWeights(
      ModelConfig config,
      Map<String, float[]> dense,
      List<EmbeddingTable> tables,
      Map<Source, MappedTable> mapped,
      Set<MappedTable> shared,
      long changedRows) {
    this.config = config;
    this.dense = Map.copyOf(dense);
    this.tables = List.copyOf(tables);
    this.mapped = Map.copyOf(mapped);
    this.shared = Set.copyOf(shared);
    this.changedRows = changedRows;
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
    return mapped.values().stream().mapToLong(MappedTable::mappedBytes).sum();
  }

  /** Rows that the newest delta changes; all rows of a full version. */
  public long changedRows() {
    return changedRows;
  }

  /**
   * Reads every weight that is not shared with a version that was checked before, which also brings
   * the pages into memory.
   *
   * @return the first that is not finite, as "expected …, got … (where)"; empty if all are
   */
  public Optional<String> findNotFinite() {
    for (Map.Entry<String, float[]> parameter : dense.entrySet()) {
      int at = notFinite(parameter.getValue());
      if (at >= 0) {
        return Optional.of(notFinite(parameter.getKey(), 0, at, parameter.getValue()[at]));
      }
    }
    for (Map.Entry<Source, MappedTable> entry : mapped.entrySet()) {
      MappedTable table = entry.getValue();
      float[] row = new float[shared.contains(table) ? 0 : table.dim()];
      for (long r = 0; r < table.rows() && row.length > 0; r++) {
        table.readRow(r, row, 0);
        int at = notFinite(row);
        if (at >= 0) {
          Source source = entry.getKey();
          return Optional.of(source.file() + ": " + notFinite(source.tensor(), r, at, row[at]));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * A mapping of this version for another one; empty if it has none of that file and tensor, or is
   * closed: the job that lent it may have ended while another one loads.
   */
  Optional<MappedTable> share(Source source) {
    return Optional.ofNullable(mapped.get(source)).flatMap(MappedTable::share);
  }

  private static int notFinite(float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        return i;
      }
    }
    return -1;
  }

  private static String notFinite(String tensor, long row, int column, float value) {
    return "tensor %s: expected finite values, got %s at row %d, element %d"
        .formatted(tensor, value, row, column);
  }

  /** A second call does nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      mapped.values().forEach(MappedTable::close);
    }
  }
}
