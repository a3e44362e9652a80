package io.github.flinkdeepfm.model.serving;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import io.github.flinkdeepfm.model.device.Device;
import io.github.flinkdeepfm.model.device.DeviceDeepFm;
import io.github.flinkdeepfm.model.device.DeviceMode;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.FeaturesConfigReader;
import io.github.flinkdeepfm.model.features.RowBuilder;
import io.github.flinkdeepfm.model.kernel.DeepFmModel;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.kernel.HostDeepFm;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One model version, loaded: its feature encoding, its mapped tables and its dense layers, which
 * belong together and are only ever used together. Immutable and thread-safe; what it hands out is
 * not, and each slot takes its own.
 */
public final class ServingModel implements AutoCloseable {
  private final String version;
  private final ModelWeights weights;
  private final FeaturesConfig features;
  private final DeepFmModel deepFm;

  /** Every score carries it: put together once. */
  private final String numerics;

  private ServingModel(
      String version, ModelWeights weights, FeaturesConfig features, DeepFmModel deepFm) {
    this.version = version;
    this.weights = weights;
    this.features = features;
    this.deepFm = deepFm;
    this.numerics = deepFm.numerics();
  }

  /**
   * Opens a model directory, full or delta, with or without a manifest.
   *
   * @throws io.github.flinkdeepfm.model.InvalidModelException if it is not a whole model
   * @throws io.github.flinkdeepfm.model.InvalidConfigurationException if one of its JSON files has
   *     mistakes
   */
  public static ServingModel open(Path path) {
    return open(ModelDirectory.open(path), Optional.empty());
  }

  /**
   * Like {@link #open(Path)}, and shares the mapped files that both have with a model that is open
   * at least until this returns. The system property {@link DeviceMode#PROPERTY} says where it
   * scores.
   */
  public static ServingModel open(ModelDirectory directory, Optional<ServingModel> donor) {
    return open(directory, donor, Device.chosenBy(DeviceMode.ofProcess(), 0));
  }

  /**
   * The same on a device, or on the host.
   *
   * @param donor if it is on the same device, rows that both have are shared there too
   * @param device empty for the host
   * @throws io.github.flinkdeepfm.model.device.DeviceMemoryException if it does not fit beside what
   *     is on the device
   */
  public static ServingModel open(
      ModelDirectory directory, Optional<ServingModel> donor, Optional<Device> device) {
    if (directory.config().kind() != ModelConfig.Kind.SIMPLE_DEEP_FM_NN) {
      throw new InvalidModelException(
          directory.path()
              + ": expected a SimpleDeepFMNN to score, got "
              + directory.config().kind());
    }
    // First: it holds the sizes that model.json claims against the files.
    ModelWeights weights = directory.load(donor.map(ServingModel::weights));
    try {
      FeaturesConfig features = FeaturesConfigReader.read(directory);
      DeepFmModel deepFm =
          device.isEmpty()
              ? new HostDeepFm(directory.config(), weights::dense, weights.tables())
              : new DeviceDeepFm(
                  device.get(),
                  directory.config(),
                  weights::dense,
                  weights.tables(),
                  donor.flatMap(d -> d.onDevice()));
      return new ServingModel(directory.version(), weights, features, deepFm);
    } catch (RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  /** The model on its device; empty on the host. */
  public Optional<DeviceDeepFm> onDevice() {
    return deepFm instanceof DeviceDeepFm device ? Optional.of(device) : Optional.empty();
  }

  /** The version's name, as every score carries it. */
  public String version() {
    return version;
  }

  /** The parameters; they stay this model's. */
  public ModelWeights weights() {
    return weights;
  }

  public ModelConfig config() {
    return weights.config();
  }

  /** Whether this version and another make the same columns of every event. */
  public boolean encodesLike(ServingModel other) {
    return features.equals(other.features)
        && config().tables().equals(other.config().tables())
        && config().isWeighted() == other.config().isWeighted();
  }

  /** A decoder of raw events into this version's columns. */
  public EventDecoder newDecoder(EventMapping mapping) {
    return EventDecoders.of(mapping, features, config());
  }

  /**
   * Makes this version's columns of events that are Java values.
   *
   * @param maxIds most ids of one event
   */
  public RowBuilder newRowBuilder(int maxIds) {
    return new RowBuilder(features, config(), maxIds);
  }

  /** How raw values become columns. */
  public FeaturesConfig features() {
    return features;
  }

  /** A scorer with buffers of its own; to be closed before this is. */
  public DeepFmScorer newScorer() {
    return deepFm.newScorer();
  }

  /** Fingerprint of the arithmetic; see {@link DeepFmModel#numerics()}. */
  public String numerics() {
    return numerics;
  }

  /** Releases native memory and unmaps the tables; no scorer may be in use. */
  @Override
  public void close() {
    deepFm.close();
    weights.close();
  }
}
