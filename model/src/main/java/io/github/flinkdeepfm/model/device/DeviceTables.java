package io.github.flinkdeepfm.model.device;

import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.modules.PoolingType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The tables of one model version on the device: a stack of FP32 tables, one of FP16 tables, or
 * both. BF16 tables stand among the FP32 ones, widened.
 */
final class DeviceTables implements AutoCloseable {

  /**
   * One sparse feature as it is looked up.
   *
   * @param name the key in the KJT
   * @param table its table's name
   * @param view where the table's rows are
   * @param place the table's place in that stack
   * @param half whether sums are rounded to f16
   * @param mean whether sums are divided by the number of ids
   * @param position the feature's place in the model's order
   */
  record Feature(
      String name,
      String table,
      StackView view,
      int place,
      boolean half,
      boolean mean,
      int position) {}

  private final Optional<StackView> full;
  private final Optional<StackView> half;
  private final List<Feature> features = new ArrayList<>();

  private DeviceTables(
      List<EmbeddingBagConfig> configs, Optional<StackView> full, Optional<StackView> half) {
    this.full = full;
    this.half = half;
    List<Feature> halves = new ArrayList<>();
    int position = 0;
    int fullTables = 0;
    int halfTables = 0;
    for (EmbeddingBagConfig config : configs) {
      boolean isHalf = config.dataType() == DataType.FP16;
      int place = isHalf ? halfTables++ : fullTables++;
      for (String name : config.featureNames()) {
        (isHalf ? halves : features)
            .add(
                new Feature(
                    name,
                    config.name(),
                    isHalf ? half.orElseThrow() : full.orElseThrow(),
                    place,
                    isHalf,
                    config.pooling() == PoolingType.MEAN,
                    position++));
      }
    }
    features.addAll(halves);
  }

  /**
   * Puts tables on the device: the changed rows alone where the rest is there already, all rows
   * otherwise.
   *
   * @param donor a version that is open at least until this returns
   * @throws DeviceMemoryException if they do not fit beside what is there
   */
  static DeviceTables load(
      Device device,
      List<EmbeddingBagConfig> configs,
      List<EmbeddingTable> tables,
      Optional<DeviceTables> donor,
      DeviceTransfer transfer) {
    Optional<StackView> full = stack(device, tables, false, donor.flatMap(d -> d.full), transfer);
    try {
      Optional<StackView> half = stack(device, tables, true, donor.flatMap(d -> d.half), transfer);
      return new DeviceTables(configs, full, half);
    } catch (RuntimeException | Error e) {
      full.ifPresent(StackView::close);
      throw e;
    }
  }

  /** Bytes that {@link #load} needs: what stays on the device, and rows on their way there. */
  static long bytesToLoad(
      Device device, List<EmbeddingTable> tables, Optional<DeviceTables> donor) {
    return bytesToLoad(device, tables, false, donor.flatMap(d -> d.full))
        + bytesToLoad(device, tables, true, donor.flatMap(d -> d.half));
  }

  private static long bytesToLoad(
      Device device, List<EmbeddingTable> all, boolean half, Optional<StackView> donor) {
    List<EmbeddingTable> tables = ofType(all, half);
    return tables.isEmpty()
        ? 0
        : donor
            .map(d -> d.stack().bytesToAdd(tables))
            .orElse(OptionalLong.empty())
            .orElseGet(() -> TableStack.bytesToLoad(device, tables, typeOf(half)));
  }

  private static List<EmbeddingTable> ofType(List<EmbeddingTable> all, boolean half) {
    return all.stream().filter(t -> (t.dataType() == DataType.FP16) == half).toList();
  }

  private static org.nd4j.linalg.api.buffer.DataType typeOf(boolean half) {
    return half
        ? org.nd4j.linalg.api.buffer.DataType.FLOAT16
        : org.nd4j.linalg.api.buffer.DataType.FLOAT;
  }

  private static Optional<StackView> stack(
      Device device,
      List<EmbeddingTable> all,
      boolean half,
      Optional<StackView> donor,
      DeviceTransfer transfer) {
    List<EmbeddingTable> tables = ofType(all, half);
    if (tables.isEmpty()) {
      return Optional.empty();
    }
    return donor
        .flatMap(d -> d.stack().add(tables, transfer))
        .or(() -> new TableStack(device, tables, typeOf(half), transfer).add(tables, transfer));
  }

  /** F features: those of FP32 and BF16 tables, then those of FP16 tables. */
  List<Feature> features() {
    return features;
  }

  Optional<StackView> full() {
    return full;
  }

  Optional<StackView> half() {
    return half;
  }

  /** Spare rows that deltas on this version may still take. */
  long spareRows() {
    return Stream.of(full, half)
        .flatMap(Optional::stream)
        .mapToLong(view -> view.stack().spareRows())
        .sum();
  }

  @Override
  public void close() {
    full.ifPresent(StackView::close);
    half.ifPresent(StackView::close);
  }
}
