package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Small model directories, written by hand. */
final class TestModels {
  /** Tables a (FP32, 40 rows) and b (FP16, 30 rows), D=3, N=2, H=4, DI=5. */
  static final ModelConfig CONFIG =
      new ModelConfig(
          ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
          2,
          4,
          5,
          false,
          List.of(
              new EmbeddingBagConfig("a", 40, 3, List.of("f")),
              new EmbeddingBagConfig("b", 30, 3, List.of("g"), PoolingType.SUM, DataType.FP16)));

  static final String A = StateDict.tableName(CONFIG, CONFIG.tables().get(0));
  static final String B = StateDict.tableName(CONFIG, CONFIG.tables().get(1));

  private TestModels() {}

  /** Model and tensors, no manifest. */
  static Path writeBare(Path directory, long seed) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(ModelDirectory.MODEL), ModelConfigWriter.toJson(CONFIG));
    write(directory.resolve(ModelDirectory.TENSORS), StateDict.of(CONFIG), seed);
    return directory;
  }

  /** Random content for the entries. */
  static void write(Path file, List<StateDict.Entry> entries, long seed) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (StateDict.Entry entry : entries) {
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      int elements =
          (int) entry.shape().stream().mapToLong(Long::longValue).reduce(1, (x, y) -> x * y);
      Random random = new Random(seed + entry.name().hashCode());
      if (entry.dtype() == Dtype.F32) {
        writer.put(entry.name(), floats(random, elements), shape);
      } else {
        writer.putBits(entry.name(), entry.dtype(), halves(random, elements), shape);
      }
    }
    writer.write(file);
  }

  static float[] floats(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  /** Bits of finite F16 numbers. */
  static short[] halves(Random random, int count) {
    short[] values = new short[count];
    for (int i = 0; i < count; i++) {
      values[i] = (short) random.nextInt(0x7c00);
    }
    return values;
  }

  /** Lists the directory's files with their sizes and sums. */
  static Path writeManifest(Path directory, String kindAndBase, String createdAt)
      throws IOException {
    String files;
    try (Stream<Path> list = Files.list(directory)) {
      files =
          list.filter(file -> !file.endsWith(ModelDirectory.MANIFEST))
              .sorted()
              .map(TestModels::fileEntry)
              .collect(Collectors.joining(","));
    }
    Files.writeString(
        directory.resolve(ModelDirectory.MANIFEST),
        "{\"format\":1,\"version\":\""
            + directory.getFileName()
            + "\","
            + kindAndBase
            + ",\"created_at\":\""
            + createdAt
            + "\",\"files\":["
            + files
            + "],\"provenance\":{\"trainer\":\"test\"}}");
    return directory;
  }

  private static String fileEntry(Path file) {
    try {
      return "{\"name\":\""
          + file.getFileName()
          + "\",\"bytes\":"
          + Files.size(file)
          + ",\"sha256\":\""
          + Checksums.sha256(file)
          + "\"}";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
