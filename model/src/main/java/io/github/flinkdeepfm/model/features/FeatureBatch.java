package io.github.flinkdeepfm.model.features;

import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.Arrays;
import java.util.List;

/**
 * The columns of one micro-batch, filled row by row and reused: B rows of N dense features, and a
 * bag of ids for each of F sparse features.
 *
 * <pre>
 *   dense   float[B*N], row-major          one row:  beginRow, then for each feature any number of
 *   KJT     values  long[], key-major                addId, then commitRow or rollbackRow
 *           offsets int[F*B + 1]
 *           weights float[], like values, in a weighted model
 * </pre>
 *
 * Buffers grow to the largest batch seen and stay. Not thread-safe; whoever keeps a batch copies
 * it.
 */
public final class FeatureBatch {
  private static final int ROWS_AT_ONCE = 16;

  private final int numDense;
  private final List<String> keys;
  private final boolean weighted;

  private float[] dense;

  /** given[row*N + c]: 1 if the event of that row has a value of dense feature c. */
  private byte[] given;

  private final long[][] ids;
  private final float[][] weights;

  /** ends[row*F + f]: where the bag of that row ends in ids[f]. */
  private int[] ends;

  /** defaulted[row*F + f]: 1 if that bag is the feature's default; empty while none ever was. */
  private byte[] defaulted = new byte[0];

  /** sizes[f]: ids in ids[f], those of the row under way included. */
  private final int[] sizes;

  private long[] kjtValues = new long[0];
  private float[] kjtWeights = new float[0];
  private int[] kjtOffsets = new int[1];

  /** bases[k]: where the values of key k begin. */
  private final int[] bases;

  private int rows;
  private int totalIds;

  /**
   * @param numDense N
   * @param keys the F sparse features, in the order of the KJT's keys
   * @param weighted whether each id has a weight
   */
  public FeatureBatch(int numDense, List<String> keys, boolean weighted) {
    this.numDense = numDense;
    this.keys = List.copyOf(keys);
    this.weighted = weighted;
    int f = keys.size();
    dense = new float[Math.max(1, numDense) * 16];
    given = new byte[dense.length];
    ids = new long[f][16];
    weights = new float[f][weighted ? 16 : 0];
    ends = new int[f * 16];
    sizes = new int[f];
    bases = new int[f];
  }

  /** Starts the row that {@link #commitRow} will end. Every dense column has to be set. */
  public void beginRow() {
    int need = (rows + 1) * numDense;
    if (need > dense.length) {
      dense = Arrays.copyOf(dense, Math.max(need, dense.length * 2));
      given = Arrays.copyOf(given, dense.length);
    }
    Arrays.fill(given, rows * numDense, need, (byte) 0);
    if (defaulted.length > 0) {
      clearDefaulted();
    }
  }

  /** Starts the row with these N dense values. */
  void beginRow(float[] values) {
    beginRow();
    System.arraycopy(values, 0, dense, rows * numDense, numDense);
  }

  /** Sets column {@code column} of the row under way to a value that the event has. */
  public void setDense(int column, float value) {
    int at = rows * numDense + column;
    dense[at] = value;
    given[at] = 1;
  }

  /** Sets column {@code column} of the row under way, in which the feature is absent. */
  void setDefault(int column, float value) {
    dense[rows * numDense + column] = value;
  }

  /** The bag of {@code feature} in the row under way is the feature's default. */
  void markDefault(int feature) {
    if ((rows + 1) * sizes.length > defaulted.length) {
      defaulted = Arrays.copyOf(defaulted, (rows + 1) * sizes.length * 2);
    }
    defaulted[rows * sizes.length + feature] = 1;
  }

  /** Of the row under way. */
  private void clearDefaulted() {
    int end = Math.min((rows + 1) * sizes.length, defaulted.length);
    Arrays.fill(defaulted, Math.min(rows * sizes.length, end), end, (byte) 0);
  }

  /** Appends an id of weight 1 to the bag of feature {@code feature} in the row under way. */
  public void addId(int feature, long id) {
    int n = sizes[feature];
    if (n == ids[feature].length) {
      grow(feature);
    }
    ids[feature][n] = id;
    if (weighted) {
      weights[feature][n] = 1f;
    }
    sizes[feature] = n + 1;
  }

  /** Appends an id with its weight; only in a weighted batch. */
  public void addId(int feature, long id, float weight) {
    addId(feature, id);
    weights[feature][sizes[feature] - 1] = weight;
  }

  /** Ids in the bag of {@code feature} of the row under way, so far. */
  public int bagLength(int feature) {
    return sizes[feature] - (rows == 0 ? 0 : ends[(rows - 1) * sizes.length + feature]);
  }

  /** Ends the row under way. */
  public void commitRow() {
    int f = sizes.length;
    if ((rows + 1) * f > ends.length) {
      ends = Arrays.copyOf(ends, ends.length * 2);
    }
    System.arraycopy(sizes, 0, ends, rows * f, f);
    totalIds = 0;
    for (int size : sizes) {
      totalIds += size;
    }
    rows++;
  }

  /** Forgets the row under way: the batch is as before {@link #beginRow}. */
  public void rollbackRow() {
    if (rows == 0) {
      Arrays.fill(sizes, 0);
    } else {
      System.arraycopy(ends, (rows - 1) * sizes.length, sizes, 0, sizes.length);
    }
  }

  /** Takes the row that was committed last out again. */
  public void removeLastRow() {
    rows--;
    rollbackRow();
    totalIds = Arrays.stream(sizes).sum();
  }

  /** Empties the batch; buffers stay. */
  public void clear() {
    rows = 0;
    totalIds = 0;
    Arrays.fill(sizes, 0);
  }

  /**
   * Adds for each feature the rows in which the event had no value of it: no dense value, or a bag
   * that is empty, its default, or of dropped ids only.
   *
   * @param counts N of the dense features, then F of the sparse ones
   */
  public void countAbsent(long[] counts) {
    int f = sizes.length;
    for (int row = 0; row < rows; row++) {
      for (int c = 0; c < numDense; c++) {
        counts[c] += 1 - given[row * numDense + c];
      }
      for (int k = 0; k < f; k++) {
        int at = row * f + k;
        boolean empty = ends[at] == (row == 0 ? 0 : ends[at - f]);
        counts[numDense + k] += empty || (at < defaulted.length && defaulted[at] == 1) ? 1 : 0;
      }
    }
  }

  /** B, committed rows. */
  public int rows() {
    return rows;
  }

  /** Ids over all committed rows and features. */
  public int totalIds() {
    return totalIds;
  }

  /** N. */
  public int numDense() {
    return numDense;
  }

  public List<String> keys() {
    return keys;
  }

  public boolean isWeighted() {
    return weighted;
  }

  /** The reused buffer: row r's column c is at r*N + c; longer than B*N. */
  public float[] dense() {
    return dense;
  }

  /**
   * The sparse columns as a KJT over this batch's reused arrays: valid until the next call here or
   * of {@link #clear}.
   */
  public KeyedJaggedTensor toKeyedJaggedTensor() {
    int f = keys.size();
    if (kjtValues.length < totalIds) {
      int size = Math.max(totalIds, kjtValues.length * 2);
      kjtValues = new long[size];
      kjtWeights = new float[weighted ? size : 0];
    }
    if (kjtOffsets.length != f * rows + 1) {
      kjtOffsets = new int[f * rows + 1];
    }
    int base = 0;
    for (int k = 0; k < f; k++) {
      System.arraycopy(ids[k], 0, kjtValues, base, sizes[k]);
      if (weighted) {
        System.arraycopy(weights[k], 0, kjtWeights, base, sizes[k]);
      }
      bases[k] = base;
      base += sizes[k];
    }
    // From row-major to key-major, few rows at a time: both sides stay in the first-level cache.
    for (int from = 0; from < rows; from += ROWS_AT_ONCE) {
      int to = Math.min(rows, from + ROWS_AT_ONCE);
      for (int k = 0; k < f; k++) {
        for (int r = from; r < to; r++) {
          kjtOffsets[k * rows + r + 1] = bases[k] + ends[r * f + k];
        }
      }
    }
    return KeyedJaggedTensor.ofTrusted(keys, kjtValues, kjtOffsets, weighted ? kjtWeights : null);
  }

  /** Weights first: if memory is short, the ids must not be the longer ones. */
  private void grow(int feature) {
    int size = ids[feature].length * 2;
    if (weighted) {
      weights[feature] = Arrays.copyOf(weights[feature], size);
    }
    ids[feature] = Arrays.copyOf(ids[feature], size);
  }
}
