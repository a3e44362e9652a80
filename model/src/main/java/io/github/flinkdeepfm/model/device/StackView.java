package io.github.flinkdeepfm.model.device;

import io.github.flinkdeepfm.model.checkpoint.OverlayTable;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One version's view of a {@link TableStack}: on which row of the stack each of its rows lies.
 *
 * <p>The map from changed rows is the one that the host's {@link OverlayTable} has anyway; here are
 * only the places where each delta's rows begin. It is read on the host, while a batch's ids are
 * put together, so it costs the device neither memory nor operations.
 */
final class StackView implements AutoCloseable {
  private static final long IN_PLACE = -1;

  private final TableStack stack;
  private final List<EmbeddingTable> claimed;
  private final OverlayTable[] overlays;
  private final long[] sizes;
  private final long[][] layerStarts;
  private boolean open = true;

  StackView(TableStack stack, List<EmbeddingTable> tables, List<EmbeddingTable> claimed) {
    this.stack = stack;
    this.claimed = claimed;
    this.sizes = tables.stream().mapToLong(EmbeddingTable::rows).toArray();
    this.overlays = new OverlayTable[tables.size()];
    this.layerStarts = new long[tables.size()][];
    for (int t = 0; t < overlays.length; t++) {
      if (tables.get(t) instanceof OverlayTable overlay
          && overlay.layers().size() > stack.foldedLayers(t)) {
        overlays[t] = overlay;
        layerStarts[t] = new long[overlay.layers().size()];
        Arrays.fill(layerStarts[t], IN_PLACE);
      }
    }
  }

  void layerStartsAt(int table, int layer, long row) {
    layerStarts[table][layer] = row;
  }

  /** R of one of its tables. */
  long size(int table) {
    return sizes[table];
  }

  /** The row of {@link #rows()} where row {@code id} of a table lies; the caller has checked it. */
  long rowOf(int table, long id) {
    OverlayTable overlay = overlays[table];
    if (overlay != null) {
      int place = overlay.placeOf(id);
      if (place >= 0) {
        int layer = overlay.layerOf(place);
        long start = layerStarts[table][layer];
        if (start != IN_PLACE) {
          return start + (place - overlay.startOf(layer));
        }
      }
    }
    return stack.offset(table) + id;
  }

  INDArray rows() {
    return stack.rows();
  }

  TableStack stack() {
    return stack;
  }

  /** Gives the rows back that no other version uses, and the stack if it is the last. */
  @Override
  public void close() {
    if (open) {
      open = false;
      stack.release(claimed);
    }
  }
}
