package io.github.flinkdeepfm.model.deepfm;

import io.github.flinkdeepfm.model.sparse.KeyedTensor;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Interaction of dense and sparse features (TorchRec {@code FMInteractionArch}).
 *
 * <pre>
 * x    = [dense | sparse features in the order of their names]   [B, FM]
 * deep = ReLU(Linear(x))                                         [B, DI]
 * fm   = ½ · ((sum of all of x)² − sum of all of x²)             [B, 1]
 * out  = [dense | deep | fm]                                     [B, D + DI + 1]
 * </pre>
 *
 * <p>TorchRec flattens x before it takes fm, so products of two elements of one embedding count and
 * all products fall into one column. That is not the per-dimension factorization machine of the
 * DeepFM paper (Guo et al., 2017).
 */
public final class FMInteractionArch {
  private final List<String> sparseFeatureNames;
  private final Linear deep;

  /**
   * @param fmInFeatures FM, the width of x; D·(F + 1) if all have dimension D
   * @param sparseFeatureNames F keys of the sparse input; without any, {@link #forward} returns the
   *     dense input and no parameter is read
   * @param deepFmDimension DI
   * @param parameters {@code deep_fm.dense_module.0.weight} [DI, FM] and {@code .bias} [DI]
   * @throws IllegalArgumentException if one is missing or of another size
   */
  public FMInteractionArch(
      int fmInFeatures,
      List<String> sparseFeatureNames,
      int deepFmDimension,
      Function<String, float[]> parameters) {
    this.sparseFeatureNames = List.copyOf(sparseFeatureNames);
    this.deep =
        sparseFeatureNames.isEmpty()
            ? null
            : new Linear("deep_fm.dense_module.0", fmInFeatures, deepFmDimension, parameters);
  }

  /**
   * Interacts a batch.
   *
   * @param denseFeatures [B, D]
   * @param sparseFeatures B rows
   * @return [B, D + DI + 1]
   * @throws IllegalArgumentException if B or the widths do not fit
   * @throws NoSuchElementException if a feature is not among the keys
   */
  public INDArray forward(INDArray denseFeatures, KeyedTensor sparseFeatures) {
    if (sparseFeatureNames.isEmpty()) {
      return denseFeatures;
    }
    if (denseFeatures.rank() != 2 || denseFeatures.size(0) != sparseFeatures.values().size(0)) {
      throw new IllegalArgumentException(
          "expected dense features ["
              + sparseFeatures.values().size(0)
              + ", D] (one row for each sparse row), got "
              + Arrays.toString(denseFeatures.shape()));
    }
    INDArray[] parts = new INDArray[1 + sparseFeatureNames.size()];
    parts[0] = denseFeatures;
    for (int f = 0; f < sparseFeatureNames.size(); f++) {
      parts[1 + f] = sparseFeatures.get(sparseFeatureNames.get(f));
    }
    INDArray x = Nd4j.concat(1, parts);
    return Nd4j.concat(1, denseFeatures, Linear.relu(deep.forward(x)), factorizationMachine(x));
  }

  private static INDArray factorizationMachine(INDArray x) {
    INDArray sum = x.sum(true, 1);
    INDArray sumOfSquares = x.mul(x).sum(true, 1);
    return sum.mul(sum).subi(sumOfSquares).muli(0.5);
  }
}
