package io.github.flinkdeepfm.model.training;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.metrics.LogLoss;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** The slow twin: the training loss in double, from the definition, one example at a time. */
final class DoubleDeepFm {
  private final ModelConfig config;

  /** All parameters by state_dict name; may be changed between calls. */
  final Map<String, double[]> parameters = new LinkedHashMap<>();

  DoubleDeepFm(DeepFmParameters from) {
    config = from.config();
    for (StateDict.Entry entry : StateDict.dense(config)) {
      parameters.put(entry.name(), widen(from.dense(entry.name())));
    }
    for (int t = 0; t < config.tables().size(); t++) {
      parameters.put(
          StateDict.tableName(config, config.tables().get(t)),
          widen(from.tables().get(t).values()));
    }
  }

  private static double[] widen(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /** Mean binary cross-entropy of the batch. */
  double loss(float[] dense, KeyedJaggedTensor kjt, float[] labels) {
    double sum = 0;
    for (int row = 0; row < kjt.stride(); row++) {
      sum += LogLoss.of(logit(dense, kjt, row), labels[row]);
    }
    return sum / kjt.stride();
  }

  private double logit(float[] dense, KeyedJaggedTensor kjt, int row) {
    int n = config.numDenseFeatures();
    double[] input = new double[n];
    for (int i = 0; i < n; i++) {
      input[i] = dense[row * n + i];
    }
    double[] hidden = relu(linear(StateDict.DENSE_0_WEIGHT, StateDict.DENSE_0_BIAS, input));
    double[] embedded = relu(linear(StateDict.DENSE_2_WEIGHT, StateDict.DENSE_2_BIAS, hidden));
    int d = embedded.length;
    double[] x = new double[d + config.featureNames().size() * d];
    System.arraycopy(embedded, 0, x, 0, d);
    int at = d;
    for (EmbeddingBagConfig table : config.tables()) {
      for (String feature : table.featureNames()) {
        pool(table, kjt, kjt.keys().indexOf(feature) * kjt.stride() + row, x, at);
        at += d;
      }
    }
    double[] deep = relu(linear(StateDict.DEEP_FM_WEIGHT, StateDict.DEEP_FM_BIAS, x));
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
    return linear(StateDict.OVER_WEIGHT, StateDict.OVER_BIAS, interaction)[0];
  }

  private void pool(EmbeddingBagConfig table, KeyedJaggedTensor kjt, int bag, double[] x, int at) {
    double[] weight = parameters.get(StateDict.tableName(config, table));
    int d = table.embeddingDim();
    int begin = kjt.offsets()[bag];
    int end = kjt.offsets()[bag + 1];
    for (int i = begin; i < end; i++) {
      double scale = config.isWeighted() ? kjt.weightsOrNull()[i] : 1;
      if (table.pooling() == PoolingType.MEAN) {
        scale /= end - begin;
      }
      for (int c = 0; c < d; c++) {
        x[at + c] += scale * weight[(int) kjt.values()[i] * d + c];
      }
    }
  }

  private double[] linear(String weightName, String biasName, double[] in) {
    double[] weight = parameters.get(weightName);
    double[] out = parameters.get(biasName).clone();
    for (int j = 0; j < out.length; j++) {
      for (int k = 0; k < in.length; k++) {
        out[j] += weight[j * in.length + k] * in[k];
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
