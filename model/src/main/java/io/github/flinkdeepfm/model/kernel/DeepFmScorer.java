package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;

/**
 * Scores micro-batches with one model version. Each slot has its own: not thread-safe. An event's
 * logit has the same bits in whatever batch it stands.
 *
 * <p>Shapes: B rows, N dense features, F sparse features.
 */
public interface DeepFmScorer extends AutoCloseable {

  /**
   * Computes the logits, which are what TorchRec's {@code OverArch} gives to its sigmoid.
   *
   * @param dense [B, N], row-major; may be longer
   * @param kjt F keys or more, stride B; keys that the model does not use are ignored
   * @param logits gets B values
   * @throws IllegalArgumentException if the shapes do not fit
   * @throws IndexOutOfBoundsException if an id is outside its table
   */
  void score(float[] dense, KeyedJaggedTensor kjt, float[] logits);

  /** Like {@link #score}, and keeps what flows between the model's parts. */
  Activations forward(float[] dense, KeyedJaggedTensor kjt);

  @Override
  void close();

  /** TorchRec's output: the sigmoid of the logit, computed in double and rounded once. */
  static float sigmoid(float logit) {
    return (float) (1.0 / (1.0 + StrictMath.exp(-(double) logit)));
  }
}
