package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import java.util.List;

/**
 * A table with changed rows laid over it: the changed rows are read from the mapped deltas, all
 * others from the base. A chain of deltas has one index, so that a row costs one look-up however
 * long the chain is.
 *
 * <p>The index is an open-addressing hash from row to its place in the newest delta that has it: 16
 * to 24 bytes on the heap for each changed row, whatever the table's size.
 */
public final class OverlayTable implements EmbeddingTable {
  /** The index has at most 2^30 slots, half of them used. */
  public static final long MAX_CHANGED_ROWS = 1L << 29;

  private final EmbeddingTable base;
  private final List<Layer> layers;
  private final MappedTable[] values;

  /** The changed rows of all layers, one layer after another. */
  private final long[] changed;

  /** starts[i] is where layer i begins in {@link #changed}. */
  private final int[] starts;

  /** Place in {@link #changed} plus 1, 0 for an empty slot. */
  private final int[] slots;

  private final int shift;

  /**
   * One delta of the table.
   *
   * @param rows n distinct rows of the base, any order
   * @param values n rows, the new content of them
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Layer(long[] rows, MappedTable values) {}

  /**
   * @param layers oldest first; the newest that has a row wins; not empty
   * @throws InvalidModelException if the layers together change more than 2^29 rows
   */
  public OverlayTable(EmbeddingTable base, List<Layer> layers) {
    this.base = base;
    this.layers = List.copyOf(layers);
    this.values = layers.stream().map(Layer::values).toArray(MappedTable[]::new);
    long total = layers.stream().mapToLong(layer -> layer.rows().length).sum();
    if (total > MAX_CHANGED_ROWS) {
      throw new InvalidModelException(
          "deltas of one table: expected at most "
              + MAX_CHANGED_ROWS
              + " changed rows between full versions, got "
              + total);
    }
    changed = new long[(int) total];
    starts = new int[layers.size()];
    int bits = slotBits(total);
    slots = new int[1 << bits];
    shift = 64 - bits;
    int start = 0;
    for (int i = 0; i < layers.size(); i++) {
      long[] rows = layers.get(i).rows();
      starts[i] = start;
      System.arraycopy(rows, 0, changed, start, rows.length);
      start += rows.length;
    }
    for (int place = 0; place < changed.length; place++) {
      slots[slot(changed[place])] = place + 1;
    }
  }

  /** The table under all layers. */
  public EmbeddingTable base() {
    return base;
  }

  /** Oldest first. */
  public List<Layer> layers() {
    return layers;
  }

  /** Where the newest content of {@code row} stands among the rows of all layers, -1 in none. */
  public int placeOf(long row) {
    return slots[slot(row)] - 1;
  }

  /** Which layer a place lies in, counted from the oldest. */
  public int layerOf(int place) {
    int layer = starts.length - 1;
    while (starts[layer] > place) {
      layer--;
    }
    return layer;
  }

  /** The first place of a layer. */
  public int startOf(int layer) {
    return starts[layer];
  }

  /** Over all layers; a row that several of them change counts in each. */
  public long changedRows() {
    return changed.length;
  }

  /** Heap that a table of so many changed rows takes while it is made; 8 bytes a row less after. */
  static long heapBytes(long changedRows) {
    return changedRows == 0 ? 0 : 16 * changedRows + (4L << slotBits(changedRows));
  }

  private static int slotBits(long changedRows) {
    return Math.max(1, 64 - Long.numberOfLeadingZeros(Math.max(1, 2 * changedRows - 1)));
  }

  @Override
  public long rows() {
    return base.rows();
  }

  @Override
  public int dim() {
    return base.dim();
  }

  @Override
  public DataType dataType() {
    return base.dataType();
  }

  @Override
  public void readRow(long row, float[] out, int offset) {
    int place = placeOf(row);
    if (place < 0) {
      base.readRow(row, out, offset);
    } else {
      int layer = layerOf(place);
      values[layer].readRow(place - starts[layer], out, offset);
    }
  }

  @Override
  public int touch(long[] ids, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      int place = placeOf(ids[i]);
      if (place < 0) {
        sum += base.touch(ids, i, i + 1);
      } else {
        int layer = layerOf(place);
        sum += values[layer].touchRow(place - starts[layer]);
      }
    }
    return sum;
  }

  /** The row's slot, or the empty one where it would go. At most half are used: it ends. */
  private int slot(long row) {
    int slot = (int) ((row * 0x9E3779B97F4A7C15L) >>> shift);
    while (slots[slot] != 0 && changed[slots[slot] - 1] != row) {
      slot = (slot + 1) & (slots.length - 1);
    }
    return slot;
  }
}
