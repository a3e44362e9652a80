package io.github.flinkdeepfm.pipeline.refresh;

import io.github.flinkdeepfm.model.checkpoint.Dtype;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Writes versions of one model, with other weights for each, straight into a root: what {@code
 * ModelPublisher} would write, without its checks of the whole model for each delta. The manifest
 * comes last. N=4, F=4, D=64, H=256.
 */
public final class SoakModel {
  public static final int TABLES = 4;
  public static final int DENSE = 4;
  private static final int DIM = 64;
  private static final int BLOCK = 1 << 18;

  private final Path root;
  private final int rows;
  private final ModelConfig config;
  private final float[] noise = new float[BLOCK];

  /** Of the last layer: a canary can tell the scores of any two versions from those of a bias. */
  private final float[] faint = new float[BLOCK];

  /**
   * @param tableBytes of all tables together
   * @param deepDimension DI, which decides what a score costs
   */
  public SoakModel(Path root, long tableBytes, int deepDimension) {
    this.root = root;
    this.rows = (int) (tableBytes / TABLES / DIM / Float.BYTES);
    this.config = config(rows, deepDimension);
    Random random = new Random(1);
    for (int i = 0; i < BLOCK; i++) {
      noise[i] = (random.nextFloat() - 0.5f) / 8;
      faint[i] = noise[i] / 16;
    }
  }

  private static ModelConfig config(int rows, int deepDimension) {
    List<EmbeddingBagConfig> tables =
        IntStream.range(0, TABLES)
            .mapToObj(
                t ->
                    new EmbeddingBagConfig(
                        "t" + t, rows, DIM, List.of("c" + t), PoolingType.SUM, DataType.FP32))
            .toList();
    return new ModelConfig(
        ModelConfig.Kind.SIMPLE_DEEP_FM_NN, DENSE, 256, deepDimension, false, tables);
  }

  public int rows() {
    return rows;
  }

  int changedRows() {
    return Math.max(1, rows / 100);
  }

  /** Bytes of the rows that a delta changes. */
  long changedBytes() {
    return (long) TABLES * changedRows() * DIM * Float.BYTES;
  }

  public static String name(int version) {
    return "%06d".formatted(version);
  }

  public void writeFull(int version) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (StateDict.Entry entry : StateDict.of(config)) {
      put(writer, entry.name(), version, entry.shape());
    }
    writeFull(version, writer);
  }

  /** A full version that adds a number to every logit, as a mistake in training would. */
  public void writeBiased(int version, float bias) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (StateDict.Entry entry : StateDict.of(config)) {
      if (entry.name().equals(StateDict.OVER_BIAS)) {
        writer.put(StateDict.OVER_BIAS, new float[] {bias}, 1);
      } else {
        put(writer, entry.name(), version, entry.shape());
      }
    }
    writeFull(version, writer);
  }

  private void writeFull(int version, SafetensorsWriter writer) throws IOException {
    Path directory = Files.createDirectories(root.resolve(name(version)));
    Files.writeString(directory.resolve(ModelDirectory.MODEL), ModelConfigWriter.toJson(config));
    Files.writeString(directory.resolve("features.json"), features());
    writer.write(directory.resolve(ModelDirectory.TENSORS));
    VersionManifest.write(
        directory,
        Optional.empty(),
        List.of(ModelDirectory.MODEL, "features.json", ModelDirectory.TENSORS));
  }

  /** New dense parameters and one row in a hundred, from another row on for each version. */
  public void writeDelta(int version, int base) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (StateDict.Entry entry : StateDict.dense(config)) {
      put(writer, entry.name(), version, entry.shape());
    }
    for (EmbeddingBagConfig table : config.tables()) {
      long[] changed = new long[changedRows()];
      for (int i = 0; i < changed.length; i++) {
        changed[i] = 100L * i + version % 100;
      }
      writer.put(StateDict.deltaRows(table), changed, changed.length);
      put(
          writer,
          StateDict.deltaValues(table),
          version,
          List.of((long) changed.length, (long) DIM));
    }
    Path directory = Files.createDirectories(root.resolve(name(version)));
    writer.write(directory.resolve(ModelDirectory.DELTA));
    VersionManifest.write(directory, Optional.of(name(base)), List.of(ModelDirectory.DELTA));
  }

  private void put(SafetensorsWriter writer, String name, int version, List<Long> shape) {
    float[] values = name.equals(StateDict.OVER_WEIGHT) ? faint : noise;
    long size = shape.stream().reduce(1L, Math::multiplyExact);
    writer.put(
        name,
        Dtype.F32,
        out -> {
          int at = version * 31 % BLOCK;
          for (long left = size; left > 0; at = 0) {
            int count = (int) Math.min(left, BLOCK - at);
            out.putFloats(values, at, count);
            left -= count;
          }
        },
        shape.stream().mapToLong(Long::longValue).toArray());
  }

  private static String features() {
    String dense =
        String.join(
            ",",
            IntStream.range(0, DENSE)
                .mapToObj("{\"name\":\"x%1$d\",\"source\":\"/x%1$d\"}"::formatted)
                .toList());
    String sparse =
        String.join(
            ",",
            IntStream.range(0, TABLES)
                .mapToObj("{\"name\":\"c%1$d\",\"source\":\"/c%1$d\"}"::formatted)
                .toList());
    return "{\"dense\":[%s],\"sparse\":[%s]}".formatted(dense, sparse);
  }
}
