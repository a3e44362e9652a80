package io.github.flinkdeepfm.model.training;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.kernel.BlasSetup;
import io.github.flinkdeepfm.model.kernel.FmSums;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Trains a SimpleDeepFMNN on mean binary cross-entropy, one batch a step; forward and backward are
 * written out by hand.
 *
 * <pre>
 *   dense [T,N] ─ hidden ─ embed ─┐ e [T,D]
 *   bags ─ EmbeddingBagsGradient ─┴▶ x [T, X] ─ deep ─▶ p [T,DI]
 *   z = over · [e | p | fm] + bias,   fm = ½(S² − Σ x²),   S = Σ x
 *
 *   dz = (sigmoid(z) − y) / B
 *   dx = dp·W_deep + dz·w_fm·(S − x)   (+ dz·w_e in the first D columns, which are e)
 * </pre>
 *
 * <p>T is the batch size of the constructor, X = D + F·D. Every step is the same sequence of
 * operations, so equal parameters and batches give equal bits on one machine. Not thread-safe;
 * nothing is allocated per event.
 */
public final class DeepFmTrainer implements AutoCloseable {
  private final DeepFmParameters parameters;
  private final int batchSize;
  private final int n;
  private final int d;
  private final int di;
  private final int width;

  private final Map<String, DenseUpdate> dense = new LinkedHashMap<>();
  private final EmbeddingBagsGradient bags;
  private final LinearLayer hidden;
  private final LinearLayer embed;
  private final LinearLayer deep;
  private final DenseUpdate overWeight;
  private final DenseUpdate overBias;

  private final float[] hiddenOut;
  private final float[] embedOut;
  private final float[] deepOut;
  private final float[] x;
  private final float[] sums;
  private final float[] fm;
  private final FmSums fmSums = new FmSums();
  private final float[] logits;

  private final float[] hiddenGradient;
  private final float[] embedGradient;
  private final float[] deepGradient;
  private final float[] xGradient;
  private final float[] logitGradient;

  private long steps;
  private TrainingDivergedException diverged;

  /**
   * A trainer whose optimisers start anew.
   *
   * @param parameters changed in place by every step
   * @param batchSize T, the most rows that a step takes
   */
  public DeepFmTrainer(DeepFmParameters parameters, OptimizerOptions options, int batchSize) {
    if (batchSize <= 0) {
      throw new IllegalArgumentException("expected a batch size above 0, got " + batchSize);
    }
    BlasSetup.ensure();
    this.parameters = parameters;
    this.batchSize = batchSize;
    ModelConfig config = parameters.config();
    for (StateDict.Entry entry : StateDict.dense(config)) {
      String name = entry.name();
      dense.put(name, new DenseUpdate(name, parameters.dense(name), options));
    }
    this.bags = new EmbeddingBagsGradient(parameters, options);
    this.n = config.numDenseFeatures();
    this.d = config.embeddingDim();
    this.di = config.deepFmDimension();
    this.width = d + bags.width();
    this.hidden = layer(StateDict.DENSE_0_WEIGHT, StateDict.DENSE_0_BIAS, 'c');
    this.embed = layer(StateDict.DENSE_2_WEIGHT, StateDict.DENSE_2_BIAS, 'f');
    this.deep = layer(StateDict.DEEP_FM_WEIGHT, StateDict.DEEP_FM_BIAS, 'c');
    this.overWeight = dense.get(StateDict.OVER_WEIGHT);
    this.overBias = dense.get(StateDict.OVER_BIAS);

    int h = config.hiddenLayerSize();
    this.hiddenOut = new float[batchSize * h];
    this.embedOut = new float[batchSize * d];
    this.deepOut = new float[batchSize * di];
    this.x = new float[batchSize * width];
    this.sums = new float[batchSize];
    this.fm = new float[batchSize];
    this.logits = new float[batchSize];
    this.hiddenGradient = new float[hiddenOut.length];
    this.embedGradient = new float[embedOut.length];
    this.deepGradient = new float[deepOut.length];
    this.xGradient = new float[x.length];
    this.logitGradient = new float[batchSize];
  }

  private LinearLayer layer(String weight, String bias, char inputOrder) {
    return new LinearLayer(dense.get(weight), dense.get(bias), batchSize, inputOrder);
  }

  /**
   * Predicts the batch, then learns from it.
   *
   * @param denseFeatures [B, N], row-major; may be longer
   * @param kjt F keys or more, stride B, 0 &lt; B ≤ T; further keys are ignored
   * @param labels B values of 0 to 1; may be longer
   * @return [B], the logits before the update, so from labels not yet seen
   * @throws IllegalArgumentException if the shapes do not fit or a label is not 0 to 1
   * @throws IndexOutOfBoundsException if an id is outside its table; nothing is learnt then
   * @throws TrainingDivergedException if a value became NaN or infinite, at this step or before
   */
  public float[] step(float[] denseFeatures, KeyedJaggedTensor kjt, float[] labels) {
    int batch = kjt.stride();
    check(batch, denseFeatures, labels);
    computeGradients(denseFeatures, kjt, labels);
    update();
    return Arrays.copyOf(logits, batch);
  }

  private void check(int batch, float[] denseFeatures, float[] labels) {
    if (diverged != null) {
      throw diverged;
    }
    if (batch < 1 || batch > batchSize) {
      throw new IllegalArgumentException("expected 1 to " + batchSize + " rows, got " + batch);
    }
    if (denseFeatures.length < batch * n || labels.length < batch) {
      throw new IllegalArgumentException(
          String.format(
              "expected dense [%d, %d] and %d labels, got %d floats and %d labels",
              batch, n, batch, denseFeatures.length, labels.length));
    }
    for (int row = 0; row < batch; row++) {
      if (!(labels[row] >= 0 && labels[row] <= 1)) {
        throw new IllegalArgumentException(
            "expected labels 0 to 1, got " + labels[row] + " (row " + row + ")");
      }
    }
  }

  /** All of a step but the update. */
  void computeGradients(float[] denseFeatures, KeyedJaggedTensor kjt, float[] labels) {
    int batch = kjt.stride();
    forward(denseFeatures, kjt, batch);
    steps++;
    for (int row = 0; row < batch; row++) {
      if (!Float.isFinite(logits[row])) {
        throw diverge("logits");
      }
      double score = 1 / (1 + StrictMath.exp(-(double) logits[row]));
      logitGradient[row] = (float) ((score - labels[row]) / batch);
    }
    Arrays.fill(logitGradient, batch, batchSize, 0f);
    backward(kjt, batch);
  }

  private void forward(float[] denseFeatures, KeyedJaggedTensor kjt, int batch) {
    hidden.forward(denseFeatures, batch * n, hiddenOut);
    embed.forward(hiddenOut, hiddenOut.length, embedOut);
    bags.pool(kjt, x, d, width);
    for (int row = 0; row < batch; row++) {
      for (int c = 0; c < d; c++) {
        x[row * width + c] = embedOut[c * batchSize + row];
      }
      fmSums.of(x, row * width, width);
      sums[row] = fmSums.sum();
      fm[row] = fmSums.fm();
    }
    deep.forward(x, batch * width, deepOut);

    float[] w = overWeight.values();
    Arrays.fill(logits, overBias.values()[0]);
    for (int c = 0; c < d; c++) {
      addToLogits(w[c], embedOut, c * batchSize);
    }
    for (int j = 0; j < di; j++) {
      addToLogits(w[d + j], deepOut, j * batchSize);
    }
    addToLogits(w[d + di], fm, 0);
  }

  private void backward(KeyedJaggedTensor kjt, int batch) {
    float[] w = overWeight.values();
    float[] dw = overWeight.gradient();
    for (int c = 0; c < d; c++) {
      dw[c] = dot(logitGradient, embedOut, c * batchSize, batch);
    }
    for (int j = 0; j < di; j++) {
      dw[d + j] = dot(logitGradient, deepOut, j * batchSize, batch);
      for (int row = 0; row < batchSize; row++) {
        deepGradient[j * batchSize + row] = logitGradient[row] * w[d + j];
      }
    }
    dw[d + di] = dot(logitGradient, fm, 0, batch);
    overBias.gradient()[0] = sum(logitGradient, batch);

    deep.backward(deepOut, deepGradient);
    deep.inputGradient(xGradient);
    for (int row = 0; row < batch; row++) {
      fmGradient(row, logitGradient[row] * w[d + di]);
    }
    bags.backward(kjt, xGradient, d, width);

    for (int c = 0; c < d; c++) {
      for (int row = 0; row < batch; row++) {
        embedGradient[c * batchSize + row] = xGradient[row * width + c] + logitGradient[row] * w[c];
      }
      Arrays.fill(embedGradient, c * batchSize + batch, (c + 1) * batchSize, 0f);
    }
    embed.backward(embedOut, embedGradient);
    embed.inputGradient(hiddenGradient);
    hidden.backward(hiddenOut, hiddenGradient);
  }

  private void fmGradient(int row, float fmGradient) {
    float sum = sums[row];
    for (int i = row * width, end = i + width; i < end; i++) {
      xGradient[i] += fmGradient * (sum - x[i]);
    }
  }

  private void addToLogits(float scale, float[] column, int from) {
    for (int row = 0; row < batchSize; row++) {
      logits[row] += scale * column[from + row];
    }
  }

  private static float dot(float[] a, float[] column, int from, int count) {
    float sum = 0;
    for (int i = 0; i < count; i++) {
      sum += a[i] * column[from + i];
    }
    return sum;
  }

  private static float sum(float[] values, int count) {
    float sum = 0;
    for (int i = 0; i < count; i++) {
      sum += values[i];
    }
    return sum;
  }

  private void update() {
    for (DenseUpdate parameter : dense.values()) {
      if (!parameter.apply()) {
        throw diverge(parameter.name());
      }
    }
    for (TableUpdate table : bags.tables()) {
      if (!table.apply()) {
        throw diverge(table.name());
      }
    }
  }

  private TrainingDivergedException diverge(String tensor) {
    diverged = new TrainingDivergedException(steps, tensor);
    return diverged;
  }

  /**
   * What was learnt so far; the same object that the constructor took.
   *
   * @throws TrainingDivergedException if a value became NaN or infinite
   */
  public DeepFmParameters parameters() {
    if (diverged != null) {
      throw diverged;
    }
    return parameters;
  }

  /** T. */
  public int batchSize() {
    return batchSize;
  }

  /** Steps taken. */
  public long steps() {
    return steps;
  }

  /** Gradient of the last step by state_dict name; of a table [R, D] with zeros. */
  float[] gradient(String name) {
    DenseUpdate parameter = dense.get(name);
    return parameter != null ? parameter.gradient() : bags.table(name).denseGradient();
  }

  /** [R], of a table by its state_dict name. */
  float[] tableAccumulator(String name) {
    return bags.table(name).accumulator();
  }

  @Override
  public void close() {
    hidden.close();
    embed.close();
    deep.close();
  }
}
