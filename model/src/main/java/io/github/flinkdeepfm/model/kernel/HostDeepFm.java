package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
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
  private static final String DEEP = "inter_arch.deep_fm.dense_module.0";

  /** Rows that are scored together at most: what they take stays in the L2 cache. */
  static final int ROWS_AT_A_TIME = 64;

  /** A change of the arithmetic of this package that changes bits. */
  private static final int REVISION = 6;

  final ModelConfig config;
  private final List<LinearWeights> layers = new ArrayList<>();

  /** All sparse features in the model's order, each with a config of its own. */
  final List<Projections.Feature> features;

  final Projections projections;
  final LinearWeights hidden;
  final LinearWeights embed;

  /** For events of few ids, with projections; the same as {@link #manyIds} if there are none. */
  final DeepPath fewIds;

  /** For events of many ids: all features are pooled. */
  final DeepPath manyIds;

  final RowTiles hiddenTiles;
  final RowTiles embedTiles;
  final float[] deepBias;
  final float[] overWeight;
  final float overBias;

  /**
   * @param config of a SimpleDeepFMNN
   * @param parameters the dense parameters by their state_dict names, row-major
   * @param tables in the model's order; they stay the caller's, and outlive this
   */
  public HostDeepFm(
      ModelConfig config, Function<String, float[]> parameters, List<EmbeddingTable> tables) {
    this(config, parameters, tables, Projections.maxBytes(config.embeddingDim()));
  }

  /**
   * @param projectionBytes what projected tables may take
   */
  HostDeepFm(
      ModelConfig config,
      Function<String, float[]> parameters,
      List<EmbeddingTable> tables,
      long projectionBytes) {
    if (config.kind() != ModelConfig.Kind.SIMPLE_DEEP_FM_NN) {
      throw new IllegalArgumentException(
          "expected a SimpleDeepFMNN to score, got " + config.kind());
    }
    BlasSetup.ensure();
    this.config = config;
    this.features = features(config.tables(), tables);
    this.deepBias = parameters.apply(DEEP + ".bias").clone();
    this.overWeight = parameters.apply("over_arch.model.0.weight").clone();
    this.overBias = parameters.apply("over_arch.model.0.bias")[0];
    float[] deepWeight = parameters.apply(DEEP + ".weight");
    this.projections =
        Projections.of(features, deepWeight, config.deepFmDimension(), projectionBytes);
    boolean made = false;
    try {
      this.hidden =
          keep(
              new LinearWeights(
                  parameters.apply("dense_arch.model.0.weight"),
                  parameters.apply("dense_arch.model.0.bias")));
      this.embed =
          keep(
              new LinearWeights(
                  parameters.apply("dense_arch.model.2.weight"),
                  parameters.apply("dense_arch.model.2.bias")));
      this.hiddenTiles = RowTiles.find(hidden);
      this.embedTiles = RowTiles.find(embed);
      List<Projections.Feature> small = features.stream().filter(projections::has).toList();
      this.manyIds = path(deepWeight, List.of());
      this.fewIds = small.isEmpty() ? manyIds : path(deepWeight, small);
      made = true;
    } finally {
      if (!made) {
        close();
      }
    }
    if (!hiddenTiles.hasGemm()
        || !embedTiles.hasGemm()
        || !fewIds.tiles().hasGemm()
        || !manyIds.tiles().hasGemm()) {
      LOG.warn(
          "no row tile of this BLAS is batch-invariant: GEMMs run in Java, slowly but exactly");
    }
  }

  private static List<Projections.Feature> features(
      List<EmbeddingBagConfig> configs, List<EmbeddingTable> tables) {
    List<Projections.Feature> features = new ArrayList<>();
    int column = configs.get(0).embeddingDim();
    for (int t = 0; t < configs.size(); t++) {
      EmbeddingBagConfig c = configs.get(t);
      for (String name : c.featureNames()) {
        EmbeddingBagConfig own =
            new EmbeddingBagConfig(
                c.name(),
                c.numEmbeddings(),
                c.embeddingDim(),
                List.of(name),
                c.pooling(),
                c.dataType());
        features.add(new Projections.Feature(features.size(), own, tables.get(t), column));
        column += c.embeddingDim();
      }
    }
    return List.copyOf(features);
  }

  private DeepPath path(float[] deepWeight, List<Projections.Feature> projected) {
    List<Projections.Feature> pooled =
        features.stream().filter(feature -> !projected.contains(feature)).toList();
    LinearWeights weights = keep(new LinearWeights(columns(deepWeight, pooled), deepBias));
    return new DeepPath(weights, RowTiles.find(weights), pooled, projected);
  }

  /** [DI, D + D for each feature], row-major. */
  private float[] columns(float[] weight, List<Projections.Feature> chosen) {
    int di = deepBias.length;
    int inputs = weight.length / di;
    int d = config.tables().get(0).embeddingDim();
    List<Integer> columns = new ArrayList<>(List.of(0));
    chosen.forEach(feature -> columns.add(feature.column()));
    float[] wide = new float[di * columns.size() * d];
    for (int j = 0; j < di; j++) {
      for (int c = 0; c < columns.size(); c++) {
        System.arraycopy(
            weight, j * inputs + columns.get(c), wide, (j * columns.size() + c) * d, d);
      }
    }
    return wide;
  }

  private LinearWeights keep(LinearWeights weights) {
    layers.add(weights);
    return weights;
  }

  @Override
  public DeepFmScorer newScorer() {
    return new HostScorer(this);
  }

  @Override
  public String numerics() {
    String numerics =
        "%s/r%d/%s.%s.%s"
            .formatted(
                BlasSetup.describe(),
                REVISION,
                describe(hiddenTiles),
                describe(embedTiles),
                describe(fewIds.tiles()));
    return fewIds == manyIds ? numerics : numerics + "." + describe(manyIds.tiles());
  }

  /** All tiles of a layer give the same bits, so the largest stands for them. */
  private static String describe(RowTiles tiles) {
    return tiles.hasGemm() ? String.valueOf(tiles.gemm()[tiles.gemm().length - 1]) : "java";
  }

  @Override
  public void close() {
    layers.forEach(LinearWeights::close);
  }
}
