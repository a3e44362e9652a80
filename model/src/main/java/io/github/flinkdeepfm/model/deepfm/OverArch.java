package io.github.flinkdeepfm.model.deepfm;

import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The last layer: Linear to one output, then sigmoid (TorchRec {@code OverArch}). TorchRec calls
 * what comes out "logits"; it is a probability.
 */
public final class OverArch {
  private final Linear output;

  /**
   * @param inFeatures width of the interaction
   * @param parameters {@code model.0.weight} [1, inFeatures] and {@code model.0.bias} [1]
   * @throws IllegalArgumentException if one is missing or of another size
   */
  public OverArch(int inFeatures, Function<String, float[]> parameters) {
    this.output = new Linear("model.0", inFeatures, 1, parameters);
  }

  /**
   * Scores a batch.
   *
   * @param features [B, inFeatures]
   * @return probabilities [B, 1]
   * @throws IllegalArgumentException for another shape
   */
  public INDArray forward(INDArray features) {
    return Transforms.sigmoid(forwardLogits(features), false);
  }

  /** The same before the sigmoid. */
  public INDArray forwardLogits(INDArray features) {
    return output.forward(features);
  }
}
