package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@code SimpleDeepFMNN} made ready for scoring on the host: the three Linear layers in native
 * memory, the tables as they are. Immutable and shared by the scorers of all slots.
 *
 * <p>Letters: N dense features, H hidden size, D embedding dimension, F sparse features, DI deep
 * interaction size; X = D + F·D is the width of the interaction's input.
 */
public final class HostDeepFm implements DeepFmModel {
  private static final Logger LOG = LoggerFactory.getLogger(HostDeepFm.class);
  private static final int JAVA_TILE = 32;

  final ModelConfig config;
  final List<EmbeddingTable> tables;
  private final List<LinearWeights> layers = new ArrayList<>();
  final LinearWeights hidden;
  final LinearWeights embed;
  final LinearWeights deep;
  final float[] overWeight;
  final float overBias;
  final int[] tiles;
  final boolean blas;

  /**
   * @param config of a SimpleDeepFMNN
   * @param parameters the dense parameters by their state_dict names, row-major
   * @param tables in the model's order; they stay the caller's, and outlive this
   */
  public HostDeepFm(
      ModelConfig config, Function<String, float[]> parameters, List<EmbeddingTable> tables) {
    if (config.kind() != ModelConfig.Kind.SIMPLE_DEEP_FM_NN) {
      throw new IllegalArgumentException(
          "expected a SimpleDeepFMNN to score, got " + config.kind());
    }
    BlasSetup.ensure();
    this.config = config;
    this.tables = List.copyOf(tables);
    this.overWeight = parameters.apply("over_arch.model.0.weight").clone();
    this.overBias = parameters.apply("over_arch.model.0.bias")[0];
    boolean made = false;
    try {
      this.hidden = linear(parameters, "dense_arch.model.0");
      this.embed = linear(parameters, "dense_arch.model.2");
      this.deep = linear(parameters, "inter_arch.deep_fm.dense_module.0");
      int[] found =
          RowTiles.find(
              List.of(
                  new RowTiles.Operand(hidden, 'c'),
                  new RowTiles.Operand(embed, 'f'),
                  new RowTiles.Operand(deep, 'c')));
      this.blas = found.length > 0;
      this.tiles = blas ? found : new int[] {JAVA_TILE};
      made = true;
    } finally {
      if (!made) {
        close();
      }
    }
    if (!blas) {
      LOG.warn(
          "no row tile of this BLAS is batch-invariant: GEMMs run in Java, slowly but exactly");
    }
  }

  private LinearWeights linear(Function<String, float[]> parameters, String name) {
    LinearWeights weights =
        new LinearWeights(parameters.apply(name + ".weight"), parameters.apply(name + ".bias"));
    layers.add(weights);
    return weights;
  }

  @Override
  public DeepFmScorer newScorer() {
    return new HostScorer(this);
  }

  @Override
  public String numerics() {
    String rows = Arrays.stream(tiles).mapToObj(Integer::toString).collect(Collectors.joining("."));
    return blas ? BlasSetup.describe() + "/tile=" + rows : "java/fma";
  }

  LinearTile newTile(LinearWeights weights, int rows, char inputOrder) {
    return blas
        ? new Nd4jLinearTile(weights, rows, inputOrder)
        : new JavaLinearTile(weights, rows, inputOrder);
  }

  @Override
  public void close() {
    layers.forEach(LinearWeights::close);
  }
}
