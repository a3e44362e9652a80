package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.modules.PoolingType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;

/** The slow twin: the definition of SimpleDeepFMNN in double, one plain loop after another. */
public final class ReferenceDeepFm {
  private final RandomModel model;

  public ReferenceDeepFm(RandomModel model) {
    this.model = model;
  }

  /** The logit of one row, and how large its fm term's parts are (its rounding errors' scale). */
  public record Result(double logit, double scale) {}

  public Result score(float[] dense, KeyedJaggedTensor kjt, int row) {
    int n = model.config.numDenseFeatures();
    double[] input = new double[n];
    for (int i = 0; i < n; i++) {
      input[i] = dense[row * n + i];
    }
    double[] embedded =
        relu(linear("dense_arch.model.2", relu(linear("dense_arch.model.0", input))));
    int d = embedded.length;
    int f = model.config.tables().size();
    double[] x = new double[d + f * d];
    System.arraycopy(embedded, 0, x, 0, d);
    for (int k = 0; k < f; k++) {
      pool(kjt, k, row, x, d + k * d, d);
    }
    double[] deep = relu(linear("inter_arch.deep_fm.dense_module.0", x));
    double sum = 0;
    double squares = 0;
    for (double v : x) {
      sum += v;
      squares += v * v;
    }
    double[] interaction = new double[d + deep.length + 1];
    System.arraycopy(embedded, 0, interaction, 0, d);
    System.arraycopy(deep, 0, interaction, d, deep.length);
    interaction[d + deep.length] = 0.5 * (sum * sum - squares);
    double logit = linear("over_arch.model.0", interaction)[0];
    float[] over = model.parameters.get("over_arch.model.0.weight");
    double fmScale = (sum * sum + squares) / 2 * Math.abs(over[over.length - 1]);
    return new Result(logit, Math.max(1, Math.abs(logit)) + fmScale);
  }

  private void pool(KeyedJaggedTensor kjt, int key, int row, double[] x, int at, int d) {
    int bag = key * kjt.stride() + row;
    int begin = kjt.offsets()[bag];
    int end = kjt.offsets()[bag + 1];
    float[] vector = new float[d];
    for (int i = begin; i < end; i++) {
      model.tables.get(key).readRow(kjt.values()[i], vector, 0);
      double weight = model.config.isWeighted() ? kjt.weightsOrNull()[i] : 1;
      for (int c = 0; c < d; c++) {
        x[at + c] += weight * vector[c];
      }
    }
    if (model.config.tables().get(key).pooling() == PoolingType.MEAN && end > begin) {
      for (int c = 0; c < d; c++) {
        x[at + c] /= end - begin;
      }
    }
  }

  private double[] linear(String name, double[] in) {
    float[] weight = model.parameters.get(name + ".weight");
    float[] bias = model.parameters.get(name + ".bias");
    double[] out = new double[bias.length];
    for (int j = 0; j < out.length; j++) {
      out[j] = bias[j];
      for (int k = 0; k < in.length; k++) {
        out[j] += (double) weight[j * in.length + k] * in[k];
      }
    }
    return out;
  }

  private static double[] relu(double[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0, values[i]);
    }
    return values;
  }
}
