package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.modules.Rows;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Small tables multiplied by their columns of the deep layer, once a version: the layer is linear
 * in the pooled rows, so adding up projected rows does what the GEMM would have to do for every
 * event. Immutable; shared by all scorers of a version.
 *
 * <p>Letters: D embedding dimension, DI deep interaction size, R rows of a table. A projected table
 * takes R·(DI + 2)·4 bytes on the heap, and some 24 a row for its array: with each row go its sum
 * and its sum of squares, which is all that the FM part needs of a bag of one id.
 *
 * <p>Which tables are projected depends on the model alone, never on traffic: the smallest first,
 * up to {@link #MAX_TABLE_BYTES} each and {@link #MAX_BYTES} in all, from {@link #LEAST_DIM}
 * columns on. f16 tables are not, because their pooled sums are rounded.
 */
final class Projections {
  static final long MAX_BYTES = 64L << 20;

  /** Of one table. */
  static final long MAX_TABLE_BYTES = 16L << 20;

  /** Below that D a row's share of the GEMM costs no more than looking up its projection. */
  private static final int LEAST_DIM = 32;

  /** A projected row costs an event what the GEMM takes for this many of its inputs. */
  private static final int INPUTS_PER_ROW = 16;

  private static final int CHUNK = 256;

  private final int width;
  private final long[] firstRow;
  private final float[][] rows;
  private final float[] sums;
  private final float[] squares;

  /**
   * @param firstRow for each feature of the model where its rows begin, or -1 if it has none
   */
  private Projections(int width, long[] firstRow, int total) {
    this.width = width;
    this.firstRow = firstRow;
    this.rows = new float[total][width];
    this.sums = new float[total];
    this.squares = new float[total];
  }

  /**
   * One sparse feature of the model.
   *
   * @param index its place in the model's order
   * @param config with this feature alone
   * @param column where its columns of the deep layer begin
   */
  record Feature(int index, EmbeddingBagConfig config, EmbeddingTable table, int column) {}

  /**
   * Projects what fits.
   *
   * @param features in the model's order
   * @param deep the deep layer's weight as PyTorch stores it, [DI, D + F·D]
   * @param maxBytes of all projections together
   */
  static Projections of(List<Feature> features, float[] deep, int di, long maxBytes) {
    List<Integer> smallestFirst = new ArrayList<>();
    for (int f = 0; f < features.size(); f++) {
      smallestFirst.add(f);
    }
    smallestFirst.sort(Comparator.comparingLong(f -> features.get(f).table().rows()));
    long[] firstRow = new long[features.size()];
    long total = 0;
    long free = maxBytes;
    for (int f : smallestFirst) {
      Feature feature = features.get(f);
      long bytes = feature.table().rows() * (di + 2) * Float.BYTES;
      boolean fits = bytes <= Math.min(free, MAX_TABLE_BYTES);
      if (fits && feature.config().dataType() != DataType.FP16) {
        firstRow[f] = total;
        total += feature.table().rows();
        free -= bytes;
      } else {
        firstRow[f] = -1;
      }
    }
    Projections projections = new Projections(di, firstRow, Math.toIntExact(total));
    for (Feature feature : features) {
      if (projections.has(feature)) {
        projections.project(feature, deep);
      }
    }
    return projections;
  }

  /** DI. */
  int width() {
    return width;
  }

  /** What the projections of a model with embedding dimension D may take. */
  static long maxBytes(int dim) {
    return dim >= LEAST_DIM ? MAX_BYTES : 0;
  }

  /**
   * Whether an event with so many ids in projected bags takes less time by their projections than
   * by the GEMM. A matter of the event alone: in any batch it goes the same way.
   *
   * @param features that are projected
   * @param dim D
   */
  static boolean pay(int ids, int features, int dim) {
    return (long) ids * INPUTS_PER_ROW <= (long) features * dim;
  }

  boolean has(Feature feature) {
    return firstRow[feature.index()] >= 0;
  }

  /** Where in {@link #rows} and {@link #sums} the rows of a feature begin, counted in rows. */
  int firstRow(Feature feature) {
    return (int) firstRow[feature.index()];
  }

  /** Projected rows, [DI] each. */
  float[][] rows() {
    return rows;
  }

  /** The sum of each row's D elements. */
  float[] sums() {
    return sums;
  }

  /** The sum of each row's D squares. */
  float[] squares() {
    return squares;
  }

  /** Heap that this takes. */
  long bytes() {
    return (long) rows.length * (width + 2) * Float.BYTES;
  }

  private void project(Feature feature, float[] deep) {
    int first = firstRow(feature);
    EmbeddingTable table = feature.table();
    int d = table.dim();
    float[][] weight = byInput(deep, feature.column(), d);
    float[] chunk = new float[CHUNK * d];
    long[] ids = new long[CHUNK];
    FmSums fm = new FmSums();
    for (int done = 0; done < table.rows(); done += CHUNK) {
      int count = (int) Math.min(CHUNK, table.rows() - done);
      for (int i = 0; i < count; i++) {
        ids[i] = done + i;
      }
      table.readRows(ids, 0, count, chunk, 0, d);
      for (int i = 0; i < count; i++) {
        int row = first + done + i;
        fm.of(chunk, i * d, d);
        sums[row] = fm.sum();
        squares[row] = fm.squares();
        for (int k = 0; k < d; k++) {
          Rows.addScaled(rows[row], chunk[i * d + k], weight[k]);
        }
      }
    }
  }

  /** [D, DI], the weights of the inputs from {@code column} on. */
  private float[][] byInput(float[] deep, int column, int d) {
    int inputs = deep.length / width;
    float[][] weight = new float[d][width];
    for (int j = 0; j < width; j++) {
      for (int k = 0; k < d; k++) {
        weight[k][j] = deep[j * inputs + column + k];
      }
    }
    return weight;
  }
}
