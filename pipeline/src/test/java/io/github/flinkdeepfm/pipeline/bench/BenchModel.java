package io.github.flinkdeepfm.pipeline.bench;

import ai.onnxruntime.OrtException;
import io.github.flinkdeepfm.model.checkpoint.Dtype;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsFile;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.checkpoint.TensorInfo;
import io.github.flinkdeepfm.model.kernel.HostDeepFm;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A model directory of random weights in a temporary folder, opened as a job opens it. Its files go
 * when it is closed.
 */
public final class BenchModel implements AutoCloseable {
  private static final int NOISE = 1 << 20;

  private final Path directory;
  private final ModelConfig config;
  private final ModelWeights weights;

  /**
   * The sizes of a model.
   *
   * @param n dense features
   * @param d embedding dimension
   * @param h hidden size
   * @param di deep interaction size
   */
  public record Shape(String name, int n, int d, int h, int di) {
    public static final Shape S = new Shape("S", 13, 16, 64, 64);
    public static final Shape L = new Shape("L", 13, 64, 512, 512);
  }

  /**
   * @param rows of each table; each has one feature, with SUM pooling
   */
  public BenchModel(Shape shape, long[] rows) throws IOException {
    List<EmbeddingBagConfig> tables = new ArrayList<>();
    for (int t = 0; t < rows.length; t++) {
      tables.add(
          new EmbeddingBagConfig(
              "t%03d".formatted(t),
              rows[t],
              shape.d(),
              List.of("c%03d".formatted(t)),
              PoolingType.SUM,
              DataType.FP32));
    }
    this.config =
        new ModelConfig(
            ModelConfig.Kind.SIMPLE_DEEP_FM_NN, shape.n(), shape.h(), shape.di(), false, tables);
    this.directory = Files.createTempDirectory("bench-model");
    boolean made = false;
    try {
      write();
      this.weights = ModelDirectory.open(directory).load();
      made = true;
    } finally {
      if (!made) {
        delete();
      }
    }
  }

  private void write() throws IOException {
    Random random = new Random(1);
    float[] noise = new float[NOISE];
    for (int i = 0; i < NOISE; i++) {
      noise[i] = random.nextFloat() - 0.5f;
    }
    SafetensorsWriter writer = new SafetensorsWriter();
    for (StateDict.Entry entry : StateDict.of(config)) {
      long size = entry.shape().stream().reduce(1L, Math::multiplyExact);
      boolean isTable = entry.name().contains("embedding_bags");
      int inputs = isTable ? 64 : entry.shape().get(entry.shape().size() - 1).intValue();
      float scale = (float) (2 / Math.sqrt(inputs));
      int from = random.nextInt(NOISE);
      writer.put(
          entry.name(),
          Dtype.F32,
          out -> {
            float[] scaled = new float[(int) Math.min(size, NOISE)];
            for (int i = 0; i < scaled.length; i++) {
              scaled[i] = noise[(from + i) % NOISE] * scale;
            }
            for (long left = size; left > 0; left -= scaled.length) {
              out.putFloats(scaled, 0, (int) Math.min(left, scaled.length));
            }
          },
          entry.shape().stream().mapToLong(Long::longValue).toArray());
    }
    Files.writeString(directory.resolve(ModelDirectory.MODEL), ModelConfigWriter.toJson(config));
    writer.write(directory.resolve(ModelDirectory.TENSORS));
  }

  public Path directory() {
    return directory;
  }

  public ModelConfig config() {
    return config;
  }

  public ModelWeights weights() {
    return weights;
  }

  /** To be closed before this is. */
  public HostDeepFm host() {
    return new HostDeepFm(config, weights::dense, weights.tables());
  }

  /** The same file's tables in ONNX Runtime; to be closed before this is. */
  public OnnxDeepFm onnx(OnnxDeepFm.Bags bags) throws IOException, OrtException {
    return new OnnxDeepFm(config, weights::dense, mapTables(), bags);
  }

  /** The tables' bytes, mapped; each under 2 GiB. */
  public List<ByteBuffer> mapTables() throws IOException {
    Path file = directory.resolve(ModelDirectory.TENSORS);
    List<ByteBuffer> tables = new ArrayList<>();
    try (SafetensorsFile tensors = SafetensorsFile.open(file);
        FileChannel channel = FileChannel.open(file)) {
      for (EmbeddingBagConfig table : config.tables()) {
        TensorInfo tensor = tensors.tensors().get(StateDict.tableName(config, table));
        tables.add(
            channel.map(
                FileChannel.MapMode.READ_ONLY, tensor.begin(), tensor.end() - tensor.begin()));
      }
    }
    return tables;
  }

  private void delete() throws IOException {
    for (String name : List.of(ModelDirectory.MODEL, ModelDirectory.TENSORS)) {
      Files.deleteIfExists(directory.resolve(name));
    }
    Files.deleteIfExists(directory);
  }

  @Override
  public void close() throws IOException {
    weights.close();
    delete();
  }
}
