package io.github.flinkdeepfm.model.deepfm;

import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Dense features into the embedding space: Linear, ReLU, Linear, ReLU (TorchRec {@code DenseArch}).
 */
public final class DenseArch {
  private final Linear hidden;
  private final Linear output;

  /**
   * @param inFeatures N
   * @param hiddenLayerSize H
   * @param embeddingDim D
   * @param parameters {@code model.0.weight} [H, N], {@code model.0.bias} [H], {@code
   *     model.2.weight} [D, H], {@code model.2.bias} [D]
   * @throws IllegalArgumentException if one is missing or of another size
   */
  public DenseArch(
      int inFeatures, int hiddenLayerSize, int embeddingDim, Function<String, float[]> parameters) {
    this.hidden = new Linear("model.0", inFeatures, hiddenLayerSize, parameters);
    this.output = new Linear("model.2", hiddenLayerSize, embeddingDim, parameters);
  }

  /**
   * Projects a batch.
   *
   * @param features [B, N]
   * @return [B, D]
   * @throws IllegalArgumentException for another shape
   */
  public INDArray forward(INDArray features) {
    return Linear.relu(output.forward(Linear.relu(hidden.forward(features))));
  }
}
