package io.github.flinkdeepfm.model.device;

import io.github.flinkdeepfm.model.modules.HalfFloat;
import io.github.flinkdeepfm.model.modules.IdOutOfRangeException;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.Arrays;
import java.util.List;

/**
 * Turns the bags of one batch into the index arrays with which the device gathers and sums them;
 * the only work on ids that is done on the host. Arrays are reused. Not thread-safe.
 *
 * <p>The result has a slot for each row b and each of 1 + F columns (column 0 is the dense vector's
 * and stays zero), row-major, so that the summed slots are the interaction's input as it is.
 *
 * <p>If every bag has at most one id and all tables have one type, {@code values} names the row of
 * each slot and one gather does it all. Otherwise bags of one id are gathered one by one, longer
 * ones in chunks of 8 that are filled up with the row of zeros:
 *
 * <pre>
 *   values   [ FP32 bags of one id | FP32 chunks x 8 | FP16 chunks x 8 | FP16 bags of one id ]
 *              gathered into the work area's rows of the same order
 *   level 1    each chunk of 8 is summed to one row
 *   level 2    bags of more than one chunk: groups of 16 of those rows are gathered and summed
 *   level 3 …  groups of 512
 *   places   [ for each slot the work area's row | level 2: rows x 16 | level 3: rows x 512 … ]
 * </pre>
 *
 * <p>A bag's sum is a fixed tree over its own ids, whatever else is in the batch.
 */
final class BagLayout {
  private static final int CHUNK = 8;
  private static final int[] FANS = {0, CHUNK, 16, 512, 512, 512};

  private final List<DeviceTables.Feature> features;
  private final boolean weighted;
  private final boolean mixed;

  private KeyedJaggedTensor kjt;
  private List<String> boundKeys;
  private int[] keys;

  int slots;

  /** One gather fills the slots. */
  boolean direct;

  /** A bag of an FP16 table has more than one id. */
  boolean rounds;

  /** A bag of a MEAN table has more than one id. */
  boolean divides;

  /** A bag of an FP16 table with MEAN has more than one id. */
  boolean roundsAgain;

  /** Rows gathered from FP32 and from FP16 tables, padding included; used where not direct. */
  final int[] gathered = new int[2];

  /** Chunks of FP32 and FP16 tables, padding included. */
  final int[] chunks = new int[2];

  /** Sums of each level, padding included; level 1 is the chunks'. */
  final int[] sums = new int[FANS.length];

  long[] values = new long[0];
  int[] places = new int[0];

  /** Weights, one a value; or divisors, one a slot; or nothing. */
  float[] scale = new float[0];

  int valuesLength;
  int placesLength;
  int scaleLength;

  BagLayout(DeviceTables tables, boolean weighted) {
    this.features = tables.features();
    this.weighted = weighted;
    this.mixed = tables.full().isPresent() && tables.half().isPresent();
  }

  /** Ids that a sum of this level adds. */
  static int fan(int level) {
    return FANS[level];
  }

  static int levels() {
    return FANS.length - 1;
  }

  /**
   * Counts what a batch needs.
   *
   * @param rows at least the batch's
   * @throws IllegalArgumentException if the KJT lacks a feature, or weights in a weighted model
   */
  void plan(KeyedJaggedTensor batch, int rows) {
    kjt = batch;
    bind();
    slots = rows * (features.size() + 1);
    Arrays.fill(gathered, 0);
    Arrays.fill(chunks, 0);
    Arrays.fill(sums, 0);
    rounds = false;
    divides = false;
    roundsAgain = false;
    int[] singles = new int[2];
    for (int f = 0; f < keys.length; f++) {
      DeviceTables.Feature feature = features.get(f);
      int type = feature.half() ? 1 : 0;
      for (int b = 0; b < kjt.stride(); b++) {
        int n = length(f, b);
        if (n == 1) {
          singles[type]++;
        } else if (n > 1) {
          count(n, type);
          rounds |= feature.half();
          divides |= feature.mean();
          roundsAgain |= feature.half() && feature.mean();
        }
      }
    }
    direct = !mixed && chunks[0] + chunks[1] == 0;
    for (int type = 0; type < 2; type++) {
      chunks[type] = Buckets.of(chunks[type]);
      gathered[type] = Buckets.of(singles[type] + CHUNK * chunks[type]);
    }
    sums[1] = chunks[0] + chunks[1];
    placesLength = direct ? 0 : slots;
    for (int level = 2; level < sums.length; level++) {
      sums[level] = Buckets.of(sums[level]);
      placesLength += sums[level] * FANS[level];
    }
    valuesLength = direct ? slots : gathered[0] + gathered[1];
    scaleLength = weighted ? valuesLength : divides ? slots : 0;
  }

  private void count(int ids, int type) {
    int rows = divideUp(ids, CHUNK);
    chunks[type] += rows;
    for (int level = 2; rows > 1; level++) {
      rows = divideUp(rows, FANS[level]);
      sums[level] += rows;
    }
  }

  /**
   * Fills the arrays for the batch that was planned.
   *
   * @param boundary the work area's row where FP32 rows end and FP16 rows begin
   * @param firstSums for each level the work area's row of its first sum
   * @throws IdOutOfRangeException if an id is outside its table
   */
  void fill(int boundary, int[] firstSums) {
    values = zeros(values, valuesLength);
    places = zeros(places, placesLength);
    scale = zeros(scale, scaleLength);
    if (divides) {
      Arrays.fill(scale, 0, scaleLength, 1f);
    }
    int[] used = new int[sums.length];
    int[] next = {0, gathered[0]};
    int[] singles = {0, gathered[0] + CHUNK * chunks[1]};
    next[0] = gathered[0] - CHUNK * chunks[0];
    int[] chunk = {0, chunks[0]};
    int shift = boundary - gathered[0];
    for (int f = 0; f < keys.length; f++) {
      DeviceTables.Feature feature = features.get(f);
      int type = feature.half() ? 1 : 0;
      for (int b = 0; b < kjt.stride(); b++) {
        int slot = b * (keys.length + 1) + 1 + f;
        int n = length(f, b);
        int from = kjt.offsets()[keys[f] * kjt.stride() + b];
        if (n == 0) {
          continue;
        }
        if (n == 1) {
          int at = direct ? slot : singles[type]++;
          put(feature, from, at);
          if (!direct) {
            places[slot] = shift + at;
          }
          continue;
        }
        for (int i = 0; i < n; i++) {
          put(feature, from + i, next[type] + i);
        }
        int rows = divideUp(n, CHUNK);
        next[type] += rows * CHUNK;
        places[slot] = place(rows, firstSums, chunk[type], used);
        chunk[type] += rows;
        if (feature.mean()) {
          // PyTorch divides half by half: the number of ids is a half too.
          scale[slot] = feature.half() ? HalfFloat.round(n) : n;
        }
      }
    }
  }

  private void put(DeviceTables.Feature feature, int position, int at) {
    long id = kjt.values()[position];
    long rows = feature.view().size(feature.place());
    if (id < 0 || id >= rows) {
      throw IdOutOfRangeException.of(id, rows, position)
          .in("table " + feature.table() + ", feature " + feature.name());
    }
    values[at] = feature.view().rowOf(feature.place(), id);
    if (weighted) {
      scale[at] = kjt.weightsOrNull()[position];
    }
  }

  /** The work area's row where a bag's sum will be, with the groups on the way to it. */
  private int place(int chunkCount, int[] firstSums, int firstChunk, int[] used) {
    int row = firstSums[1] + firstChunk;
    int rows = chunkCount;
    int begin = slots;
    for (int level = 2; rows > 1; level++) {
      int first = used[level];
      for (int i = 0; i < rows; i++) {
        places[begin + first * FANS[level] + i] = row + i;
      }
      begin += sums[level] * FANS[level];
      row = firstSums[level] + first;
      rows = divideUp(rows, FANS[level]);
      used[level] += rows;
    }
    return row;
  }

  private int length(int feature, int row) {
    int bag = keys[feature] * kjt.stride() + row;
    return kjt.offsets()[bag + 1] - kjt.offsets()[bag];
  }

  /** Finds each feature among the KJT's keys; of a key given twice the later one counts. */
  private void bind() {
    if (weighted && kjt.weightsOrNull() == null) {
      throw new IllegalArgumentException(
          "expected a KeyedJaggedTensor with weights (is_weighted), got one without");
    }
    if (kjt.keys() == boundKeys) {
      return;
    }
    int[] found = new int[features.size()];
    for (int f = 0; f < found.length; f++) {
      found[f] = kjt.keys().lastIndexOf(features.get(f).name());
      if (found[f] < 0) {
        throw new IllegalArgumentException(
            "expected key "
                + features.get(f).name()
                + " of table "
                + features.get(f).table()
                + ", got keys "
                + kjt.keys());
      }
    }
    keys = found;
    boundKeys = kjt.keys();
  }

  private static int divideUp(int n, int by) {
    return (n + by - 1) / by;
  }

  private static long[] zeros(long[] array, int length) {
    if (array.length < length) {
      return new long[length];
    }
    Arrays.fill(array, 0, length, 0);
    return array;
  }

  private static int[] zeros(int[] array, int length) {
    if (array.length < length) {
      return new int[length];
    }
    Arrays.fill(array, 0, length, 0);
    return array;
  }

  private static float[] zeros(float[] array, int length) {
    if (array.length < length) {
      return new float[length];
    }
    Arrays.fill(array, 0, length, 0f);
    return array;
  }
}
