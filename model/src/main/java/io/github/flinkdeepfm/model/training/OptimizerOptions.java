package io.github.flinkdeepfm.model.training;

/**
 * How parameters follow their gradients.
 *
 * @param dense of the Linear layers
 * @param denseLearningRate its learning rate
 * @param tables of the embedding tables
 * @param tableLearningRate its learning rate
 * @param epsilon added to the root of an accumulator; above 0
 */
public record OptimizerOptions(
    DenseOptimizer dense,
    float denseLearningRate,
    TableOptimizer tables,
    float tableLearningRate,
    float epsilon) {

  /**
   * Adagrad for both. For click streams of some million events; batches of 64 to 256 learn most
   * from each event, and rates of half or double these hardly differ.
   */
  public static final OptimizerOptions DEFAULT =
      new OptimizerOptions(
          DenseOptimizer.ADAGRAD, 0.02f, TableOptimizer.EXACT_ROWWISE_ADAGRAD, 0.01f, 1e-8f);

  /** The optimisers of the dense parameters. */
  public enum DenseOptimizer {
    /** w -= lr·g. */
    SGD,
    /** {@code torch.optim.Adagrad}: acc += g², w -= lr·g/(√acc + ε). */
    ADAGRAD
  }

  /** The optimisers of the tables; both leave rows alone that the batch does not name. */
  public enum TableOptimizer {
    /** w[row] -= lr·g. */
    SGD,
    /** FBGEMM's: acc[row] += mean of g² over D, w[row] -= lr·g/(√acc[row] + ε). */
    EXACT_ROWWISE_ADAGRAD
  }

  public OptimizerOptions {
    requirePositive("dense learning rate", denseLearningRate);
    requirePositive("table learning rate", tableLearningRate);
    requirePositive("epsilon", epsilon);
  }

  private static void requirePositive(String name, float value) {
    if (!(value > 0 && value <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(name + ": expected a number above 0, got " + value);
    }
  }
}
