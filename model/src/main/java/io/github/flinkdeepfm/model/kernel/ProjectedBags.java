package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.modules.BagPooling;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.IdOutOfRangeException;
import io.github.flinkdeepfm.model.modules.PoolingScratch;
import io.github.flinkdeepfm.model.modules.PoolingType;
import io.github.flinkdeepfm.model.modules.Rows;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.Arrays;
import java.util.List;

/**
 * The bags of the features whose tables are projected: adds their part of the deep layer to the
 * GEMM's output, and gives their part of the FM sums. One scorer's; not thread-safe.
 *
 * <p>An event's terms are added one after another in the order of features and ids, so its bits do
 * not depend on the batch.
 */
final class ProjectedBags {
  private final Projections projections;
  private final List<Projections.Feature> features;
  private final int[] firstRow;
  private final KeyBinding keys;
  private final boolean weighted;
  private final float[] pooled;
  private final PoolingScratch scratch;
  private final FmSums fm = new FmSums();

  /** Of the event at hand: its projected rows, and what it is multiplied by. */
  private int[] terms = new int[64];

  private float[] factors = new float[64];
  private int termCount;
  private boolean scaled;
  private float sum;
  private float squares;

  /**
   * @param features those that are projected, in the model's order
   */
  ProjectedBags(Projections projections, List<Projections.Feature> features, boolean weighted) {
    this.projections = projections;
    this.features = features;
    this.weighted = weighted;
    this.firstRow = features.stream().mapToInt(projections::firstRow).toArray();
    this.keys =
        new KeyBinding(
            features.stream()
                .map(f -> new KeyBinding.Use(f.config().featureNames().get(0), f.config()))
                .toList(),
            weighted);
    int widest = features.stream().mapToInt(f -> f.table().dim()).max().orElse(0);
    this.pooled = new float[widest];
    this.scratch = new PoolingScratch(widest);
  }

  /**
   * Counts the ids that each of the rows {@code [first, first + rows)} has in all projected bags.
   */
  void countIds(KeyedJaggedTensor kjt, int first, int rows, int[] counts) {
    int[] positions = keys.bind(kjt);
    int[] offsets = kjt.offsets();
    Arrays.fill(counts, 0, rows, 0);
    for (int position : positions) {
      int bag = position * kjt.stride() + first;
      for (int row = 0; row < rows; row++) {
        counts[row] += offsets[bag + row + 1] - offsets[bag + row];
      }
    }
  }

  /**
   * Adds the projected bags of one row of a batch.
   *
   * @param deep [DI], the row's output of the GEMM; added to
   * @throws IdOutOfRangeException if an id is not a row of its table
   */
  void add(KeyedJaggedTensor kjt, int row, float[] deep) {
    int[] positions = keys.bind(kjt);
    int batch = kjt.stride();
    float[] weights = weighted ? kjt.weightsOrNull() : null;
    termCount = 0;
    scaled = false;
    sum = 0;
    squares = 0;
    for (int f = 0; f < firstRow.length; f++) {
      collect(f, kjt, weights, positions[f] * batch + row);
    }
    addTerms(deep);
  }

  /** The sum of all elements of the pooled vectors of the row that was added last. */
  float sum() {
    return sum;
  }

  /** The sum of their squares. */
  float squares() {
    return squares;
  }

  private void collect(int f, KeyedJaggedTensor kjt, float[] weights, int bag) {
    int from = kjt.offsets()[bag];
    int to = kjt.offsets()[bag + 1];
    int ids = to - from;
    if (ids == 1 && weights == null) {
      int row = rowOf(f, kjt.values()[from], from);
      sum += projections.sums()[row];
      squares += projections.squares()[row];
      addTerm(row, 1f);
      return;
    }
    if (ids == 0) {
      return;
    }
    EmbeddingBagConfig config = features.get(f).config();
    BagPooling.pool(
        features.get(f).table(),
        config.pooling(),
        kjt.values(),
        weights,
        kjt.offsets(),
        bag,
        1,
        pooled,
        0,
        0,
        scratch);
    fm.of(pooled, 0, features.get(f).table().dim());
    sum += fm.sum();
    squares += fm.squares();
    float share = config.pooling() == PoolingType.MEAN ? 1f / ids : 1f;
    scaled |= share != 1f || weights != null;
    for (int i = from; i < to; i++) {
      addTerm(rowOf(f, kjt.values()[i], i), weights == null ? share : weights[i]);
    }
  }

  private int rowOf(int f, long id, int position) {
    long rows = features.get(f).table().rows();
    if (id < 0 || id >= rows) {
      throw IdOutOfRangeException.of(id, rows, position);
    }
    return firstRow[f] + (int) id;
  }

  private void addTerm(int row, float factor) {
    if (termCount == terms.length) {
      terms = Arrays.copyOf(terms, 2 * termCount);
      factors = Arrays.copyOf(factors, 2 * termCount);
    }
    terms[termCount] = row;
    factors[termCount++] = factor;
  }

  private void addTerms(float[] deep) {
    float[][] p = projections.rows();
    int i = 0;
    if (scaled) {
      for (; i + 3 < termCount; i += 4) {
        Rows.addScaled(
            deep,
            factors[i],
            p[terms[i]],
            factors[i + 1],
            p[terms[i + 1]],
            factors[i + 2],
            p[terms[i + 2]],
            factors[i + 3],
            p[terms[i + 3]]);
      }
      for (; i < termCount; i++) {
        Rows.addScaled(deep, factors[i], p[terms[i]]);
      }
      return;
    }
    for (; i + 3 < termCount; i += 4) {
      Rows.add(deep, p[terms[i]], p[terms[i + 1]], p[terms[i + 2]], p[terms[i + 3]]);
    }
    for (; i < termCount; i++) {
      Rows.add(deep, p[terms[i]]);
    }
  }
}
