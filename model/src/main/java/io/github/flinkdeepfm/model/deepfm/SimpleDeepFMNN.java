package io.github.flinkdeepfm.model.deepfm;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingBagCollection;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * TorchRec's DeepFM, {@code torchrec.models.deepfm.SimpleDeepFMNN}.
 *
 * <pre>
 * dense features [B, N] ─ DenseArch ──▶ [B, D] ──────┐
 *                                                    ├─ FMInteractionArch ▶ [B, D + DI + 1] ─ OverArch ▶ [B, 1]
 * sparse features (F, B) ─ SparseArch ▶ [B, F·D] ────┘
 * </pre>
 *
 * <p>The sparse features are taken by table, and within a table by its feature names, whatever the
 * order of the KJT's keys.
 */
public final class SimpleDeepFMNN {
  private final DenseArch denseArch;
  private final SparseArch sparseArch;
  private final FMInteractionArch interArch;
  private final OverArch overArch;

  /**
   * @param numDenseFeatures N
   * @param embeddingBagCollection at least one table, all of one dimension D, no feature twice
   * @param hiddenLayerSize H
   * @param deepFmDimension DI
   * @param parameters by state_dict name: {@code dense_arch.*}, {@code inter_arch.*} and {@code
   *     over_arch.*}, as the modules say
   * @throws IllegalArgumentException if the collection or a parameter does not fit
   */
  public SimpleDeepFMNN(
      int numDenseFeatures,
      EmbeddingBagCollection embeddingBagCollection,
      int hiddenLayerSize,
      int deepFmDimension,
      Function<String, float[]> parameters) {
    List<EmbeddingBagConfig> tables = embeddingBagCollection.embeddingBagConfigs();
    checkTables(tables);
    int embeddingDim = tables.get(0).embeddingDim();
    List<String> features = tables.stream().flatMap(t -> t.featureNames().stream()).toList();
    this.sparseArch = new SparseArch(embeddingBagCollection);
    this.denseArch =
        new DenseArch(
            numDenseFeatures,
            hiddenLayerSize,
            embeddingDim,
            name -> parameters.apply("dense_arch." + name));
    this.interArch =
        new FMInteractionArch(
            Math.multiplyExact(embeddingDim, features.size() + 1),
            features,
            deepFmDimension,
            name -> parameters.apply("inter_arch." + name));
    this.overArch =
        new OverArch(
            embeddingDim + deepFmDimension + 1, name -> parameters.apply("over_arch." + name));
  }

  /** The model that {@code model.json} describes; the tables in its order. */
  public static SimpleDeepFMNN of(
      ModelConfig config, Function<String, float[]> parameters, List<EmbeddingTable> tables) {
    return new SimpleDeepFMNN(
        config.numDenseFeatures(),
        new EmbeddingBagCollection(config.tables(), config.isWeighted(), tables),
        config.hiddenLayerSize(),
        config.deepFmDimension(),
        parameters);
  }

  private static void checkTables(List<EmbeddingBagConfig> tables) {
    if (tables.isEmpty()) {
      throw new IllegalArgumentException("expected at least one table, got none");
    }
    EmbeddingBagConfig first = tables.get(0);
    Set<String> features = new HashSet<>();
    for (EmbeddingBagConfig table : tables) {
      if (table.embeddingDim() != first.embeddingDim()) {
        throw new IllegalArgumentException(
            "expected tables of one dimension, got "
                + first.name()
                + " of "
                + first.embeddingDim()
                + " and "
                + table.name()
                + " of "
                + table.embeddingDim());
      }
      for (String feature : table.featureNames()) {
        // TorchRec constructs the model and fails in forward, where the collection has renamed it.
        if (!features.add(feature)) {
          throw new IllegalArgumentException(
              "expected every feature once, got "
                  + feature
                  + " again (table "
                  + table.name()
                  + ")");
        }
      }
    }
  }

  public DenseArch denseArch() {
    return denseArch;
  }

  public SparseArch sparseArch() {
    return sparseArch;
  }

  public FMInteractionArch interArch() {
    return interArch;
  }

  public OverArch overArch() {
    return overArch;
  }

  /**
   * Scores a batch.
   *
   * @param denseFeatures [B, N]
   * @param sparseFeatures (F, B), every feature of every table among its keys
   * @return probabilities [B, 1]
   * @throws IllegalArgumentException if a shape does not fit
   * @throws RuntimeException for sparse features as {@link EmbeddingBagCollection#forward} says
   */
  public INDArray forward(INDArray denseFeatures, KeyedJaggedTensor sparseFeatures) {
    return overArch.forward(interaction(denseFeatures, sparseFeatures));
  }

  /** The same before the sigmoid. */
  public INDArray forwardLogits(INDArray denseFeatures, KeyedJaggedTensor sparseFeatures) {
    return overArch.forwardLogits(interaction(denseFeatures, sparseFeatures));
  }

  private INDArray interaction(INDArray denseFeatures, KeyedJaggedTensor sparseFeatures) {
    return interArch.forward(denseArch.forward(denseFeatures), sparseArch.forward(sparseFeatures));
  }
}
