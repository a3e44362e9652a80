package io.github.flinkdeepfm.model.device;

import io.github.flinkdeepfm.model.checkpoint.OverlayTable;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Tables of one storage type and dimension, one under the other in one array on the device, shared
 * by the versions that differ from each other by deltas only:
 *
 * <pre>
 *   row 0                  zeros: what an empty bag and padding look up
 *   offsets[t] + id        row id of table t, as it was when the stack was loaded
 *   first spare row …      rows that deltas changed, each delta's one after another
 * </pre>
 *
 * <p>Rows that a version uses are never written again, so versions score while another is brought
 * in. Which rows a version uses stands in its {@link StackView}.
 */
final class TableStack {
  private static final int CHUNK_ROWS = 8192;
  private static final long LEAST_SPARE_ROWS = 16;

  /** One delta's rows of one table in the spare area. */
  private static final class Upload {
    final long first;
    final long count;
    int owners;

    Upload(long first, long count) {
      this.first = first;
      this.count = count;
    }
  }

  private final Device device;
  private final int dim;
  private final DataType type;
  private final DeviceArrays arrays;
  private final INDArray rows;
  private final long[] offsets;
  private final List<EmbeddingTable> bases = new ArrayList<>();
  private final List<List<EmbeddingTable>> folded = new ArrayList<>();
  private final SpareRows spare;
  private final IdentityHashMap<EmbeddingTable, Upload> uploads = new IdentityHashMap<>();
  private int owners;

  /**
   * Loads all rows of the tables, deltas folded in.
   *
   * @param tables of one dimension
   * @param type FLOAT or HALF
   * @throws DeviceMemoryException if they do not fit
   * @throws IllegalArgumentException if they have more rows than a stack can
   */
  TableStack(Device device, List<EmbeddingTable> tables, DataType type, DeviceTransfer transfer) {
    this.device = device;
    this.dim = tables.get(0).dim();
    this.type = type;
    this.offsets = new long[tables.size()];
    long next = 1;
    for (int t = 0; t < offsets.length; t++) {
      offsets[t] = next;
      next += tables.get(t).rows();
      bases.add(baseOf(tables.get(t)));
      folded.add(layersOf(tables.get(t)).stream().<EmbeddingTable>map(l -> l.values()).toList());
    }
    long room = rowsToLoad(device, tables) - next;
    this.arrays = new DeviceArrays(device, "embedding tables");
    this.spare = new SpareRows(next, room);
    boolean loaded = false;
    try {
      this.rows = arrays.create(type, 'c', next + room, dim);
      for (int t = 0; t < offsets.length; t++) {
        upload(tables.get(t), offsets[t], transfer);
      }
      loaded = true;
    } finally {
      if (!loaded) {
        arrays.close();
      }
    }
  }

  /**
   * Bytes that loading these tables needs.
   *
   * @throws IllegalArgumentException if they have more rows than a stack can
   */
  static long bytesToLoad(Device device, List<EmbeddingTable> tables, DataType type) {
    int dim = tables.get(0).dim();
    long most = tables.stream().mapToLong(EmbeddingTable::rows).max().orElse(0);
    return DeviceArrays.bytes(type, rowsToLoad(device, tables), dim)
        + stagingBytes(most, dim, type);
  }

  private static long rowsToLoad(Device device, List<EmbeddingTable> tables) {
    long rows = 1 + tables.stream().mapToLong(EmbeddingTable::rows).sum();
    long all = rows + LEAST_SPARE_ROWS + (long) (rows * device.spareShare());
    if (all > Integer.MAX_VALUE) {
      // ND4J's CUDA kernels compute with coordinates of 32 bits; offsets have 64.
      throw new IllegalArgumentException(
          "device %d: expected at most %d rows in the tables of one type, spare rows included, got %d"
              .formatted(device.ordinal(), Integer.MAX_VALUE, all));
    }
    return all;
  }

  private static long stagingBytes(long rows, int dim, DataType type) {
    int padded = Buckets.of((int) Math.min(CHUNK_ROWS, rows));
    return DeviceArrays.bytes(DataType.FLOAT, padded, dim)
        + DeviceArrays.bytes(DataType.INT64, padded)
        + (type == DataType.FLOAT ? 0 : DeviceArrays.bytes(type, padded, dim));
  }

  /** Bytes that {@link #add} needs beside the stack; empty if it cannot. */
  synchronized OptionalLong bytesToAdd(List<EmbeddingTable> tables) {
    if (owners < 0 || !isBaseOf(tables)) {
      return OptionalLong.empty();
    }
    SpareRows left = spare.copy();
    long most = 0;
    for (int t = 0; t < tables.size(); t++) {
      List<OverlayTable.Layer> layers = layersOf(tables.get(t));
      for (int i = folded.get(t).size(); i < layers.size(); i++) {
        EmbeddingTable values = layers.get(i).values();
        if (!uploads.containsKey(values)) {
          if (left.take(values.rows()).isEmpty()) {
            return OptionalLong.empty();
          }
          most = Math.max(most, values.rows());
        }
      }
    }
    return OptionalLong.of(stagingBytes(most, dim, type));
  }

  static EmbeddingTable baseOf(EmbeddingTable table) {
    return table instanceof OverlayTable overlay ? overlay.base() : table;
  }

  static List<OverlayTable.Layer> layersOf(EmbeddingTable table) {
    return table instanceof OverlayTable overlay ? overlay.layers() : List.of();
  }

  /**
   * Adds a version that uses this stack, and the rows that its deltas changed.
   *
   * @return empty if its tables are others than these, or the spare rows do not suffice
   */
  synchronized Optional<StackView> add(List<EmbeddingTable> tables, DeviceTransfer transfer) {
    if (bytesToAdd(tables).isEmpty()) {
      return Optional.empty();
    }
    List<EmbeddingTable> claimed = new ArrayList<>();
    StackView view = new StackView(this, tables, claimed);
    boolean complete = false;
    try {
      for (int t = 0; t < tables.size(); t++) {
        List<OverlayTable.Layer> layers = layersOf(tables.get(t));
        for (int i = folded.get(t).size(); i < layers.size(); i++) {
          EmbeddingTable values = layers.get(i).values();
          Upload upload = uploads.get(values);
          if (upload == null) {
            upload = new Upload(spare.take(values.rows()).orElseThrow(), values.rows());
            uploads.put(values, upload);
            upload.owners++;
            claimed.add(values);
            upload(values, upload.first, transfer);
          } else {
            upload.owners++;
            claimed.add(values);
          }
          view.layerStartsAt(t, i, upload.first);
        }
      }
      complete = true;
      owners++;
      return Optional.of(view);
    } finally {
      if (!complete) {
        giveBack(claimed);
      }
    }
  }

  private boolean isBaseOf(List<EmbeddingTable> tables) {
    if (tables.size() != bases.size()) {
      return false;
    }
    for (int t = 0; t < bases.size(); t++) {
      List<OverlayTable.Layer> layers = layersOf(tables.get(t));
      List<EmbeddingTable> inside = folded.get(t);
      if (baseOf(tables.get(t)) != bases.get(t) || layers.size() < inside.size()) {
        return false;
      }
      for (int i = 0; i < inside.size(); i++) {
        if (layers.get(i).values() != inside.get(i)) {
          return false;
        }
      }
    }
    return true;
  }

  private void upload(EmbeddingTable table, long first, DeviceTransfer transfer) {
    DeviceOps ops = new DeviceOps(device);
    for (long begin = 0; begin < table.rows(); begin += CHUNK_ROWS) {
      int count = (int) Math.min(CHUNK_ROWS, table.rows() - begin);
      int padded = Buckets.of(count); // Padding writes zeros to the row of zeros.
      float[] values = new float[padded * dim];
      long[] from = new long[count];
      long[] to = new long[padded];
      for (int i = 0; i < count; i++) {
        from[i] = begin + i;
        to[i] = first + begin + i;
      }
      table.readRows(from, 0, count, values, 0, dim);
      try (DeviceArrays staging = new DeviceArrays(device, "rows on their way")) {
        INDArray wide = staging.create(DataType.FLOAT, 'c', padded, dim);
        INDArray places = staging.create(DataType.INT64, 'c', padded);
        transfer.write(values, wide);
        transfer.write(to, places);
        INDArray narrow = wide;
        if (type != DataType.FLOAT) {
          narrow = staging.create(type, 'c', padded, dim);
          ops.assign(wide, narrow);
        }
        ops.scatter(rows, places, narrow);
        device.await();
      }
    }
  }

  INDArray rows() {
    return rows;
  }

  long offset(int table) {
    return offsets[table];
  }

  int foldedLayers(int table) {
    return folded.get(table).size();
  }

  synchronized long spareRows() {
    return spare.count();
  }

  synchronized void release(List<EmbeddingTable> claimed) {
    giveBack(claimed);
    if (--owners == 0) {
      owners = -1;
      arrays.close();
    }
  }

  private void giveBack(List<EmbeddingTable> claimed) {
    for (EmbeddingTable values : claimed) {
      Upload upload = uploads.get(values);
      if (--upload.owners == 0) {
        uploads.remove(values);
        spare.give(upload.first, upload.count);
      }
    }
    claimed.clear();
  }
}
