package io.github.flinkdeepfm.model.device;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.flinkdeepfm.model.checkpoint.Dtype;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ManifestWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.HalfFloat;
import io.github.flinkdeepfm.model.modules.PoolingType;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A full version on disk, the deltas that follow it, and batches for them. */
final class VersionChain {
  static final int DIM = 8;

  final int rows;
  final ModelConfig config;
  private final Path root;
  private final Random random = new Random(11);
  private String last;
  private int count;

  /** Tables a (FP32) and b (FP16), each of so many rows. */
  VersionChain(Path root, int rows) throws IOException {
    this.root = root;
    this.rows = rows;
    this.config =
        new ModelConfig(
            ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
            2,
            4,
            5,
            false,
            List.of(
                new EmbeddingBagConfig("a", rows, DIM, List.of("f", "h")),
                new EmbeddingBagConfig(
                    "b", rows, DIM, List.of("g"), PoolingType.MEAN, DataType.FP16)));
    full();
  }

  Path full() throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (StateDict.Entry entry : StateDict.of(config)) {
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      int elements = (int) (shape.length == 1 ? shape[0] : shape[0] * shape[1]);
      if (entry.dtype() == Dtype.F16) {
        writer.putBits(entry.name(), Dtype.F16, halves(elements), shape);
      } else {
        writer.put(entry.name(), floats(elements), shape);
      }
    }
    Path directory = next();
    Files.writeString(directory.resolve(ModelDirectory.MODEL), ModelConfigWriter.toJson(config));
    writer.write(directory.resolve(ModelDirectory.TENSORS));
    manifest(directory, Manifest.Kind.FULL, Optional.empty());
    return directory;
  }

  /** A delta of the last version: so many changed rows of each table, and another bias. */
  Path delta(int changed) throws IOException {
    String base = last;
    long[] ids = random.longs(0, rows).distinct().limit(changed).sorted().toArray();
    Path directory = next();
    new SafetensorsWriter()
        .put("a.rows", ids, changed)
        .put("a.values", floats(changed * DIM), changed, DIM)
        .put("b.rows", ids, changed)
        .putBits("b.values", Dtype.F16, halves(changed * DIM), changed, DIM)
        .put(StateDict.OVER_BIAS, floats(1), 1)
        .write(directory.resolve(ModelDirectory.DELTA));
    manifest(directory, Manifest.Kind.DELTA, Optional.of(base));
    return directory;
  }

  Path lastDirectory() {
    return root.resolve(last);
  }

  private Path next() throws IOException {
    last = "v%03d".formatted(count++);
    return Files.createDirectories(root.resolve(last));
  }

  private static void manifest(Path directory, Manifest.Kind kind, Optional<String> base)
      throws IOException {
    Files.writeString(
        directory.resolve(ModelDirectory.MANIFEST),
        ManifestWriter.toJson(
            new Manifest(
                directory.getFileName().toString(),
                kind,
                base,
                Instant.parse("2026-01-01T00:00:00Z"),
                List.of(),
                JsonNodeFactory.instance.objectNode())));
  }

  static ServingModel open(Path directory, Optional<ServingModel> donor, Device device) {
    return ServingModel.open(ModelDirectory.open(directory), donor, Optional.of(device));
  }

  static ServingModel openOnHost(Path directory) {
    return ServingModel.open(ModelDirectory.open(directory), Optional.empty(), Optional.empty());
  }

  float[] dense(int batch) {
    return floats(batch * 2);
  }

  /** Bags of every row of the tables, a few a bag. */
  KeyedJaggedTensor everyRow(int batch) {
    int[] offsets = new int[3 * batch + 1];
    long[] values = new long[3 * rows];
    for (int key = 0; key < 3; key++) {
      for (int b = 0; b < batch; b++) {
        offsets[key * batch + b + 1] = key * rows + (int) ((b + 1L) * rows / batch);
      }
      for (int row = 0; row < rows; row++) {
        values[key * rows + row] = row;
      }
    }
    return KeyedJaggedTensor.ofTrusted(List.of("f", "g", "h"), values, offsets, null);
  }

  private float[] floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (random.nextFloat() - 0.5f) * 0.5f;
    }
    return values;
  }

  private short[] halves(int count) {
    short[] values = new short[count];
    for (int i = 0; i < count; i++) {
      values[i] = HalfFloat.toHalfBits(random.nextFloat() - 0.5f);
    }
    return values;
  }
}
