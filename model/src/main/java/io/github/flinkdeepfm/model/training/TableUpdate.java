package io.github.flinkdeepfm.model.training;

import io.github.flinkdeepfm.model.modules.HeapTable;
import io.github.flinkdeepfm.model.training.OptimizerOptions.TableOptimizer;
import java.util.Arrays;

/**
 * One table, the gradients of the rows that the step under way names, and its optimiser's state.
 *
 * <p>Gradients of a row that occurs several times in a batch are summed, in the order in which they
 * are added, before the row is updated once:
 *
 * <pre>
 * placeOf  [R]     where a row's gradient lies, plus 1; 0: not in this batch
 * rows     [n]     the rows of this batch by first occurrence
 * gradient [n, D]
 * </pre>
 *
 * Costs 8 bytes a row beside the table (placeOf and the accumulator) and nothing per step that
 * grows with R.
 */
final class TableUpdate {
  private final String name;
  private final int dim;
  private final float[] values;
  private final float[] accumulator;
  private final OptimizerOptions options;

  private final int[] placeOf;
  private int[] rows = new int[1024];
  private float[] gradient;
  private int count;

  /**
   * @param name state_dict name of the weight
   * @param table updated in place
   */
  TableUpdate(String name, HeapTable table, OptimizerOptions options) {
    this.name = name;
    this.dim = table.dim();
    this.values = table.values();
    int size = (int) table.rows();
    this.accumulator = new float[options.tables() == TableOptimizer.SGD ? 0 : size];
    this.options = options;
    this.placeOf = new int[size];
    this.gradient = new float[rows.length * dim];
  }

  String name() {
    return name;
  }

  /** Adds {@code scale · source[from … from + D)} to the gradient of a row. */
  void add(int row, float scale, float[] source, int from) {
    int place = placeOf[row] - 1;
    if (place < 0) {
      place = newPlace(row);
    }
    int at = place * dim;
    for (int i = 0; i < dim; i++) {
      gradient[at + i] += scale * source[from + i];
    }
  }

  private int newPlace(int row) {
    if (count == rows.length) {
      rows = Arrays.copyOf(rows, 2 * count);
      gradient = Arrays.copyOf(gradient, rows.length * dim);
    }
    Arrays.fill(gradient, count * dim, (count + 1) * dim, 0f);
    rows[count] = row;
    placeOf[row] = ++count;
    return count - 1;
  }

  /**
   * Moves the rows against their gradients and forgets these.
   *
   * @return whether all values of those rows are still finite
   */
  boolean apply() {
    float worst = 0;
    for (int place = 0; place < count; place++) {
      int row = rows[place];
      float rate = rate(row, place * dim);
      int from = row * dim;
      for (int i = 0; i < dim; i++) {
        float value = values[from + i] - rate * gradient[place * dim + i];
        values[from + i] = value;
        worst = Math.max(worst, Math.abs(value)); // NaN stays
      }
      placeOf[row] = 0;
    }
    count = 0;
    return worst <= Float.MAX_VALUE;
  }

  private float rate(int row, int from) {
    float rate = options.tableLearningRate();
    if (options.tables() == TableOptimizer.SGD) {
      return rate;
    }
    float squares = 0;
    for (int i = from; i < from + dim; i++) {
      squares += gradient[i] * gradient[i];
    }
    accumulator[row] += squares / dim;
    return rate / ((float) Math.sqrt(accumulator[row]) + options.epsilon());
  }

  /** [R]; empty for SGD. */
  float[] accumulator() {
    return accumulator;
  }

  /** The gradient of the step under way, zeros for rows that it does not name: [R, D]. */
  float[] denseGradient() {
    float[] dense = new float[values.length];
    for (int place = 0; place < count; place++) {
      System.arraycopy(gradient, place * dim, dense, rows[place] * dim, dim);
    }
    return dense;
  }
}
