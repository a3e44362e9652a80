package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A seeded model of any shape as a directory, and events for it.
 *
 * @param n dense features
 * @param f sparse features, each with a table of its own
 * @param d embedding dimension
 * @param h hidden size
 * @param di deep interaction size
 * @param longestBag ids of a bag: 0 to so many
 */
record RandomShape(int n, int f, int d, int h, int di, boolean weighted, int longestBag) {
  private static final int ROWS = 50;

  Path write(Path directory, long seed) throws IOException {
    Random random = new Random(seed);
    List<EmbeddingBagConfig> tables = new ArrayList<>();
    SafetensorsWriter tensors = new SafetensorsWriter();
    for (int i = 0; i < f; i++) {
      PoolingType pooling = !weighted && i % 2 == 1 ? PoolingType.MEAN : PoolingType.SUM;
      tables.add(
          new EmbeddingBagConfig("t" + i, ROWS, d, List.of("C" + i), pooling, DataType.FP32));
      tensors.put(
          "sparse_arch.embedding_bag_collection.embedding_bags.t" + i + ".weight",
          gaussians(random, ROWS * d, 0.1),
          ROWS,
          d);
    }
    linear(tensors, random, "dense_arch.model.0", n, h);
    linear(tensors, random, "dense_arch.model.2", h, d);
    linear(tensors, random, "inter_arch.deep_fm.dense_module.0", d + f * d, di);
    linear(tensors, random, "over_arch.model.0", d + di + 1, 1);
    Files.createDirectories(directory);
    ModelConfig config =
        new ModelConfig(ModelConfig.Kind.SIMPLE_DEEP_FM_NN, n, h, di, weighted, tables);
    Files.writeString(directory.resolve("model.json"), ModelConfigWriter.toJson(config));
    Files.writeString(directory.resolve("features.json"), features());
    tensors.write(directory.resolve("model.safetensors"));
    return directory;
  }

  private String features() {
    StringBuilder json = new StringBuilder("{\"dense\":[");
    for (int i = 0; i < n; i++) {
      json.append(i == 0 ? "" : ",").append("{\"name\":\"I").append(i).append("\"}");
    }
    json.append("],\"sparse\":[");
    for (int i = 0; i < f; i++) {
      json.append(i == 0 ? "" : ",")
          .append("{\"name\":\"C")
          .append(i)
          .append("\",\"encoding\":\"id\"}");
    }
    return json.append("]}").toString();
  }

  byte[] event(Random random) {
    StringBuilder dense = new StringBuilder();
    for (int i = 0; i < n; i++) {
      dense.append(i == 0 ? "" : ",").append("\"I").append(i).append("\":");
      dense.append((float) random.nextGaussian());
    }
    StringBuilder sparse = new StringBuilder();
    StringBuilder weights = new StringBuilder();
    for (int i = 0; i < f; i++) {
      int length = random.nextInt(longestBag + 1);
      String name = (i == 0 ? "" : ",") + "\"C" + i + "\":";
      sparse.append(name).append(random.ints(length, 0, ROWS).boxed().toList());
      weights.append(name).append(random.doubles(length).boxed().toList());
    }
    return ("{\"dense\":{" + dense + "},\"sparse\":{" + sparse + "},\"weights\":{" + weights + "}}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void linear(
      SafetensorsWriter tensors, Random random, String name, int in, int out) {
    tensors.put(name + ".weight", gaussians(random, in * out, 1 / Math.sqrt(in)), out, in);
    tensors.put(name + ".bias", gaussians(random, out, 0.1), out);
  }

  private static float[] gaussians(Random random, int count, double std) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * std);
    }
    return values;
  }
}
