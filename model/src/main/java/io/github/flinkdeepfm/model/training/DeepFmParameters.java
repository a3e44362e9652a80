package io.github.flinkdeepfm.model.training;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.modules.HeapTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/**
 * The parameters of a SimpleDeepFMNN under training, all on the heap in f32 and changed in place.
 *
 * <pre>{@code
 * DeepFmParameters parameters = DeepFmParameters.initial(config, 42);
 * try (DeepFmTrainer trainer = new DeepFmTrainer(parameters, OptimizerOptions.DEFAULT, 256)) { … }
 * }</pre>
 */
public final class DeepFmParameters {
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  private final ModelConfig config;
  private final Map<String, float[]> dense = new LinkedHashMap<>();
  private final List<HeapTable> tables = new ArrayList<>();

  private DeepFmParameters(ModelConfig config) {
    if (config.kind() != ModelConfig.Kind.SIMPLE_DEEP_FM_NN) {
      throw new IllegalArgumentException(
          "expected a SimpleDeepFMNN to train, got " + config.kind());
    }
    for (EmbeddingBagConfig table : config.tables()) {
      if (table.dataType() != DataType.FP32) {
        throw new IllegalArgumentException(
            "table " + table.name() + ": expected FP32 to train, got " + table.dataType());
      }
      if (table.numEmbeddings() > MAX_ARRAY / table.embeddingDim()) {
        throw new IllegalArgumentException(
            "table "
                + table.name()
                + ": expected at most "
                + MAX_ARRAY
                + " elements to train, got "
                + table.numEmbeddings()
                + " rows of "
                + table.embeddingDim());
      }
    }
    this.config = config;
  }

  /**
   * Random parameters as TorchRec initialises them: tables uniform in ±√(1/num_embeddings), weight
   * and bias of a Linear uniform in ±√(1/in) (PyTorch's {@code kaiming_uniform_} with a = √5).
   *
   * @param seed one seed gives the same parameters on every Java platform: the algorithm of {@link
   *     Random} is specified
   * @throws IllegalArgumentException unless it is a SimpleDeepFMNN with FP32 tables, each of less
   *     than 2^31 elements
   */
  public static DeepFmParameters initial(ModelConfig config, long seed) {
    DeepFmParameters parameters = new DeepFmParameters(config);
    Random random = new Random(seed);
    long fanIn = 1;
    for (StateDict.Entry entry : StateDict.dense(config)) {
      if (entry.shape().size() == 2) { // a bias follows its weight and has that one's fan-in
        fanIn = entry.shape().get(1);
      }
      parameters.dense.put(
          entry.name(), uniform(random, size(entry), 1 / Math.sqrt((double) fanIn)));
    }
    for (EmbeddingBagConfig table : config.tables()) {
      int size = (int) table.numEmbeddings() * table.embeddingDim();
      double bound = Math.sqrt(1.0 / table.numEmbeddings());
      parameters.tables.add(new HeapTable(table.embeddingDim(), uniform(random, size, bound)));
    }
    return parameters;
  }

  /**
   * Copies given parameters.
   *
   * @param denseOf the dense parameters by their {@link StateDict} names
   * @param tables in the model's order
   * @throws IllegalArgumentException as {@link #initial}, or if a shape does not fit
   */
  public static DeepFmParameters of(
      ModelConfig config,
      Function<String, float[]> denseOf,
      List<? extends EmbeddingTable> tables) {
    DeepFmParameters parameters = new DeepFmParameters(config);
    for (StateDict.Entry entry : StateDict.dense(config)) {
      float[] values = denseOf.apply(entry.name());
      if (values == null || values.length != size(entry)) {
        throw new IllegalArgumentException(
            entry.name()
                + ": expected shape "
                + entry.shape()
                + ", got "
                + (values == null ? "none" : values.length + " values"));
      }
      parameters.dense.put(entry.name(), values.clone());
    }
    for (int i = 0; i < config.tables().size(); i++) {
      parameters.tables.add(copy(config.tables().get(i), tables.get(i)));
    }
    return parameters;
  }

  /** Copies a checkpoint, to train it further; the optimiser's state starts anew. */
  public static DeepFmParameters of(ModelWeights weights) {
    return of(weights.config(), weights::dense, weights.tables());
  }

  private static HeapTable copy(EmbeddingBagConfig config, EmbeddingTable table) {
    if (table.rows() != config.numEmbeddings() || table.dim() != config.embeddingDim()) {
      throw new IllegalArgumentException(
          "table "
              + config.name()
              + ": expected shape ["
              + config.numEmbeddings()
              + ", "
              + config.embeddingDim()
              + "], got ["
              + table.rows()
              + ", "
              + table.dim()
              + "]");
    }
    int dim = table.dim();
    int rows = (int) table.rows();
    float[] values = new float[rows * dim];
    for (int row = 0; row < rows; row++) {
      table.readRow(row, values, row * dim);
    }
    return new HeapTable(dim, values);
  }

  private static int size(StateDict.Entry entry) {
    long size = entry.shape().stream().reduce(1L, Math::multiplyExact);
    if (size > MAX_ARRAY) {
      throw new IllegalArgumentException(
          entry.name() + ": expected at most " + MAX_ARRAY + " elements, got " + entry.shape());
    }
    return (int) size;
  }

  private static float[] uniform(Random random, int size, double bound) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (bound * (2 * random.nextFloat() - 1));
    }
    return values;
  }

  public ModelConfig config() {
    return config;
  }

  /**
   * One dense parameter, row-major; not a copy.
   *
   * @param name as {@link StateDict} names it
   */
  public float[] dense(String name) {
    float[] values = dense.get(name);
    if (values == null) {
      throw new IllegalArgumentException("expected one of " + dense.keySet() + ", got " + name);
    }
    return values;
  }

  /** The tables in the model's order; not copies. */
  public List<HeapTable> tables() {
    return List.copyOf(tables);
  }
}
