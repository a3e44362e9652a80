package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.checkpoint.Dtype;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.HalfFloat;
import io.github.flinkdeepfm.model.modules.PoolingType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A model whose parameters a test changes and writes as a bare directory. */
final class SmallModel {
  static final int DIM = 16;

  final ModelConfig config;
  private final Map<String, float[]> tensors = new HashMap<>();

  SmallModel(ModelConfig config, long seed) {
    this.config = config;
    Random random = new Random(seed);
    for (StateDict.Entry entry : StateDict.of(config)) {
      long elements = entry.shape().stream().reduce(1L, (a, b) -> a * b);
      float[] values = new float[(int) elements];
      for (int i = 0; i < values.length; i++) {
        float value = random.nextFloat() - 0.5f;
        values[i] = entry.dtype() == Dtype.F16 ? HalfFloat.round(value) : value;
      }
      tensors.put(entry.name(), values);
    }
  }

  /** Tables a (FP32) and b (FP16). */
  static SmallModel of(int rowsA, int rowsB, long seed) {
    return new SmallModel(config(rowsA, rowsB), seed);
  }

  static ModelConfig config(int rowsA, int rowsB) {
    return new ModelConfig(
        ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
        2,
        3,
        4,
        false,
        List.of(
            new EmbeddingBagConfig("a", rowsA, DIM, List.of("f")),
            new EmbeddingBagConfig("b", rowsB, DIM, List.of("g"), PoolingType.SUM, DataType.FP16)));
  }

  /** All values of a tensor, to be changed in place. */
  float[] tensor(String name) {
    return tensors.get(name);
  }

  float[] table(int index) {
    return tensor(StateDict.tableName(config, config.tables().get(index)));
  }

  /** Gives a row of a table other values that its dtype can hold. */
  SmallModel changeRow(int table, int row) {
    for (int i = row * DIM; i < (row + 1) * DIM; i++) {
      table(table)[i] = -table(table)[i];
    }
    return this;
  }

  Path write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(ModelDirectory.MODEL), ModelConfigWriter.toJson(config));
    SafetensorsWriter writer = new SafetensorsWriter();
    for (StateDict.Entry entry : StateDict.of(config)) {
      long[] shape = FullTensors.shape(entry);
      float[] values = tensors.get(entry.name());
      if (entry.dtype() == Dtype.F32) {
        writer.put(entry.name(), values, shape);
      } else {
        short[] bits = new short[values.length];
        for (int i = 0; i < bits.length; i++) {
          bits[i] = HalfFloat.toHalfBits(values[i]);
        }
        writer.putBits(entry.name(), entry.dtype(), bits, shape);
      }
    }
    writer.write(directory.resolve(ModelDirectory.TENSORS));
    return directory;
  }
}
