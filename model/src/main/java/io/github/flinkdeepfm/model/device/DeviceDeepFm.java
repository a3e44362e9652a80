package io.github.flinkdeepfm.model.device;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.kernel.BlasSetup;
import io.github.flinkdeepfm.model.kernel.DeepFmModel;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@code SimpleDeepFMNN} resident on a device: parameters and tables are put there once and never
 * read back. Immutable and shared by the scorers of all slots of the device.
 *
 * <p>Letters: N dense features, H hidden size, D embedding dimension, F sparse features, DI deep
 * interaction size.
 */
public final class DeviceDeepFm implements DeepFmModel {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceDeepFm.class);

  /**
   * One Linear.
   *
   * @param weight [in, out], column-major
   * @param bias [out]
   */
  record Layer(INDArray weight, INDArray bias) {}

  /** The four Linears; the last weight of {@code over}, for twice the fm column, is halved. */
  record Layers(Layer hidden, Layer embed, Layer deep, Layer over) {}

  private final Device device;
  private final ModelConfig config;
  private final DeviceTables tables;
  private final DeviceArrays parameters;
  private final Layers layers;
  private final TransferCounts loaded;
  private final RowCounts rowCounts;

  /**
   * Puts a model on a device.
   *
   * @param config of a SimpleDeepFMNN
   * @param parameters the dense parameters by their state_dict names, row-major
   * @param tables in the model's order; they stay the caller's, and outlive this
   * @param donor a version on the same device, open at least until this returns: rows that both
   *     have are shared
   * @throws DeviceMemoryException if it, and a batch to try it with, do not fit beside what is
   *     there; before anything is transferred
   * @throws IllegalArgumentException if the tables of one type have 2³¹ rows or more
   * @throws DeviceFailureException if the device fails
   */
  public DeviceDeepFm(
      Device device,
      ModelConfig config,
      Function<String, float[]> parameters,
      List<EmbeddingTable> tables,
      Optional<DeviceDeepFm> donor) {
    if (config.kind() != ModelConfig.Kind.SIMPLE_DEEP_FM_NN) {
      throw new IllegalArgumentException(
          "expected a SimpleDeepFMNN to score, got " + config.kind());
    }
    BlasSetup.ensure();
    device.bind();
    this.device = device;
    this.config = config;
    DeviceTransfer transfer = new DeviceTransfer(device);
    Optional<DeviceTables> shared =
        donor.filter(d -> d.device.ordinal() == device.ordinal()).map(d -> d.tables);
    device
        .memory()
        .require(
            "a model version",
            parameterBytes(config)
                + DeviceTables.bytesToLoad(device, tables, shared)
                + RowCounts.bytesToFind(config));
    this.parameters = new DeviceArrays(device, "dense parameters");
    DeviceTables stacks = null;
    boolean made = false;
    try {
      stacks = DeviceTables.load(device, config.tables(), tables, shared, transfer);
      this.tables = stacks;
      this.layers = layers(parameters, transfer);
      device.await();
      this.loaded = transfer.counts();
      this.rowCounts = RowCounts.find(this);
      made = true;
    } finally {
      if (!made) {
        this.parameters.close();
        if (stacks != null) {
          stacks.close();
        }
      }
    }
    if (!rowCounts.isBatchInvariant()) {
      LOG.warn(
          "no row count from which this backend is batch-invariant: an event's bits may depend on"
              + " the size of its micro-batch");
    }
  }

  private static long parameterBytes(ModelConfig config) {
    long n = config.numDenseFeatures();
    long h = config.hiddenLayerSize();
    long d = config.embeddingDim();
    long di = config.deepFmDimension();
    long x = (1L + config.featureNames().size()) * d;
    return Float.BYTES * ((n + 1) * h + (h + 1) * d + (x + 1) * di + (d + di + 1 + 1));
  }

  private Layers layers(Function<String, float[]> from, DeviceTransfer transfer) {
    float[] over = from.apply(StateDict.OVER_WEIGHT).clone();
    over[over.length - 1] *= 0.5f;
    return new Layers(
        layer(from.apply(StateDict.DENSE_0_WEIGHT), from.apply(StateDict.DENSE_0_BIAS), transfer),
        layer(from.apply(StateDict.DENSE_2_WEIGHT), from.apply(StateDict.DENSE_2_BIAS), transfer),
        layer(
            inFeatureOrder(from.apply(StateDict.DEEP_FM_WEIGHT)),
            from.apply(StateDict.DEEP_FM_BIAS),
            transfer),
        layer(over, from.apply(StateDict.OVER_BIAS), transfer));
  }

  /**
   * @param weight [out, in], row-major: byte for byte the column-major [in, out] that GEMM wants
   */
  private Layer layer(float[] weight, float[] bias, DeviceTransfer transfer) {
    int in = weight.length / bias.length;
    INDArray matrix = parameters.create(DataType.FLOAT, 'f', in, bias.length);
    INDArray vector = parameters.create(DataType.FLOAT, 'c', bias.length);
    transfer.write(weight, matrix);
    transfer.write(bias, vector);
    return new Layer(matrix, vector);
  }

  /** The columns of the deep layer's weight in the order that features have on the device. */
  private float[] inFeatureOrder(float[] weight) {
    int d = embeddingDim();
    List<DeviceTables.Feature> features = tables.features();
    int width = (1 + features.size()) * d;
    float[] ordered = weight.clone();
    for (int row = 0; row < weight.length / width; row++) {
      for (int f = 0; f < features.size(); f++) {
        System.arraycopy(
            weight,
            row * width + (1 + features.get(f).position()) * d,
            ordered,
            row * width + (1 + f) * d,
            d);
      }
    }
    return ordered;
  }

  /** A scorer of its own buffers; to be closed before this is. */
  @Override
  public DeviceScorer newScorer() {
    device.bind();
    return new DeviceScorer(this, rowCounts.least());
  }

  @Override
  public String numerics() {
    return BlasSetup.describe() + "/device/rows=" + rowCounts.describe();
  }

  /** What crossed to the device to bring this version in. */
  public TransferCounts loaded() {
    return loaded;
  }

  /** Changed rows that deltas on this version may still bring without a stack being loaded anew. */
  public long spareRows() {
    return tables.spareRows();
  }

  Device device() {
    return device;
  }

  DeviceTables tables() {
    return tables;
  }

  Layers layers() {
    return layers;
  }

  boolean isWeighted() {
    return config.isWeighted();
  }

  ModelConfig config() {
    return config;
  }

  /** N. */
  int denseFeatures() {
    return config.numDenseFeatures();
  }

  /** H. */
  int hiddenSize() {
    return config.hiddenLayerSize();
  }

  /** D. */
  int embeddingDim() {
    return config.embeddingDim();
  }

  /** DI. */
  int deepDim() {
    return config.deepFmDimension();
  }

  @Override
  public void close() {
    parameters.close();
    tables.close();
  }
}
