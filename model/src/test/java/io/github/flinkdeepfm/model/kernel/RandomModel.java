package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.ArrayTable;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.modules.HalfFloat;
import io.github.flinkdeepfm.model.modules.HeapTable;
import io.github.flinkdeepfm.model.modules.PoolingType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A seeded SimpleDeepFMNN and batches for it, at any size. */
public final class RandomModel {
  public final ModelConfig config;
  public final Map<String, float[]> parameters = new HashMap<>();
  public final List<EmbeddingTable> tables = new ArrayList<>();

  private final Random random;
  private final long rows;

  public RandomModel(int n, int f, int d, int h, int di, long rows, boolean weighted, long seed) {
    this(n, f, d, h, di, rows, weighted, seed, List.of(DataType.FP32));
  }

  /**
   * @param types the tables', in turn
   */
  public RandomModel(
      int n,
      int f,
      int d,
      int h,
      int di,
      long rows,
      boolean weighted,
      long seed,
      List<DataType> types) {
    this.random = new Random(seed);
    this.rows = rows;
    List<EmbeddingBagConfig> configs = new ArrayList<>();
    for (int i = 0; i < f; i++) {
      PoolingType pooling = !weighted && i % 3 == 1 ? PoolingType.MEAN : PoolingType.SUM;
      DataType type = types.get(i % types.size());
      configs.add(new EmbeddingBagConfig("t" + i, rows, d, List.of("C" + i), pooling, type));
      float[] values = gaussians((int) rows * d, 0.1);
      for (int v = 0; v < values.length; v++) {
        values[v] = representable(values[v], type);
      }
      tables.add(
          type == DataType.FP32 ? new HeapTable(d, values) : new ArrayTable(values, d, type));
    }
    config = new ModelConfig(ModelConfig.Kind.SIMPLE_DEEP_FM_NN, n, h, di, weighted, configs);
    int x = d + f * d;
    linear("dense_arch.model.0", n, h);
    linear("dense_arch.model.2", h, d);
    linear("inter_arch.deep_fm.dense_module.0", x, di);
    linear("over_arch.model.0", d + di + 1, 1);
  }

  private static float representable(float value, DataType type) {
    return switch (type) {
      case FP32 -> value;
      case FP16 -> HalfFloat.round(value);
      case BF16 -> Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
    };
  }

  private void linear(String name, int in, int out) {
    parameters.put(name + ".weight", gaussians(in * out, 1 / Math.sqrt(in)));
    parameters.put(name + ".bias", gaussians(out, 0.1));
  }

  private float[] gaussians(int count, double std) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * std);
    }
    return values;
  }

  public HostDeepFm host() {
    return host(Projections.MAX_BYTES);
  }

  HostDeepFm host(long projectionBytes) {
    return new HostDeepFm(config, parameters::get, tables, projectionBytes);
  }

  public float[] dense(int batch) {
    return gaussians(batch * config.numDenseFeatures(), 1);
  }

  /** Bags of {@code fewest} to {@code most} ids, uniform over the rows. */
  public KeyedJaggedTensor bags(int batch, int fewest, int most) {
    int bags = batch * config.tables().size();
    int[] offsets = new int[bags + 1];
    for (int i = 0; i < bags; i++) {
      offsets[i + 1] = offsets[i] + fewest + random.nextInt(most - fewest + 1);
    }
    long[] values = random.longs(offsets[bags], 0, rows).toArray();
    float[] weights = config.isWeighted() ? gaussians(values.length, 1) : null;
    return KeyedJaggedTensor.ofTrusted(config.featureNames(), values, offsets, weights);
  }

  /** Rows [from, to) of a batch as a batch of their own. */
  public static KeyedJaggedTensor slice(KeyedJaggedTensor kjt, int from, int to) {
    int batch = kjt.stride();
    int rows = to - from;
    int keys = kjt.keys().size();
    int[] offsets = new int[keys * rows + 1];
    long[] values = new long[kjt.values().length];
    float[] weights = kjt.weightsOrNull() == null ? null : new float[values.length];
    int n = 0;
    for (int k = 0; k < keys; k++) {
      int begin = kjt.offsets()[k * batch + from];
      int count = kjt.offsets()[k * batch + to] - begin;
      System.arraycopy(kjt.values(), begin, values, n, count);
      if (weights != null) {
        System.arraycopy(kjt.weightsOrNull(), begin, weights, n, count);
      }
      for (int r = 0; r < rows; r++) {
        offsets[k * rows + r + 1] = n + kjt.offsets()[k * batch + from + r + 1] - begin;
      }
      n += count;
    }
    return KeyedJaggedTensor.ofTrusted(kjt.keys(), values, offsets, weights);
  }

  /** The rows of a batch in another order, some of them perhaps more than once. */
  static KeyedJaggedTensor gather(KeyedJaggedTensor kjt, int[] order) {
    int batch = kjt.stride();
    int keys = kjt.keys().size();
    int[] offsets = new int[keys * order.length + 1];
    List<Integer> from = new ArrayList<>();
    for (int k = 0; k < keys; k++) {
      for (int r = 0; r < order.length; r++) {
        int bag = k * batch + order[r];
        for (int i = kjt.offsets()[bag]; i < kjt.offsets()[bag + 1]; i++) {
          from.add(i);
        }
        offsets[k * order.length + r + 1] = from.size();
      }
    }
    long[] values = from.stream().mapToLong(i -> kjt.values()[i]).toArray();
    float[] weights = kjt.weightsOrNull() == null ? null : new float[values.length];
    for (int i = 0; weights != null && i < weights.length; i++) {
      weights[i] = kjt.weightsOrNull()[from.get(i)];
    }
    return KeyedJaggedTensor.ofTrusted(kjt.keys(), values, offsets, weights);
  }
}
