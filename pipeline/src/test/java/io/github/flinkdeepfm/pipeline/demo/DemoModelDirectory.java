package io.github.flinkdeepfm.pipeline.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Writes a {@link DemoModel} as a version of a model root, {@code manifest.json} last. */
final class DemoModelDirectory {
  private static final List<String> FILES =
      List.of("model.json", "features.json", "model.safetensors");

  private DemoModelDirectory() {}

  /**
   * @param root gets the subdirectory {@code version}
   * @param featuresJson the text of {@code features.json}
   * @return the version's directory
   */
  static Path write(Path root, String version, DemoModel model, String featuresJson)
      throws IOException {
    Path directory = Files.createDirectories(root.resolve(version));
    Files.writeString(directory.resolve("model.json"), ModelConfigWriter.toJson(model.config()));
    Files.writeString(directory.resolve("features.json"), featuresJson);
    tensors(model).write(directory.resolve("model.safetensors"));
    Files.writeString(directory.resolve("manifest.json"), manifest(directory, version));
    return directory;
  }

  private static SafetensorsWriter tensors(DemoModel model) {
    ModelConfig config = model.config();
    long d = config.embeddingDim();
    long h = config.hiddenLayerSize();
    long di = config.deepFmDimension();
    Map<String, float[]> tensors = model.tensors();
    SafetensorsWriter writer = new SafetensorsWriter();
    for (EmbeddingBagConfig table : config.tables()) {
      put(writer, tensors, DemoModel.TABLES + table.name() + ".weight", table.numEmbeddings(), d);
    }
    put(writer, tensors, "dense_arch.model.0.weight", h, config.numDenseFeatures());
    put(writer, tensors, "dense_arch.model.0.bias", h);
    put(writer, tensors, "dense_arch.model.2.weight", d, h);
    put(writer, tensors, "dense_arch.model.2.bias", d);
    long interactionInput = d + d * config.featureNames().size();
    put(writer, tensors, "inter_arch.deep_fm.dense_module.0.weight", di, interactionInput);
    put(writer, tensors, "inter_arch.deep_fm.dense_module.0.bias", di);
    put(writer, tensors, "over_arch.model.0.weight", 1, d + di + 1);
    put(writer, tensors, "over_arch.model.0.bias", 1);
    return writer;
  }

  private static void put(
      SafetensorsWriter writer, Map<String, float[]> tensors, String name, long... shape) {
    writer.put(name, tensors.get(name), shape);
  }

  private static String manifest(Path directory, String version) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode manifest =
        mapper.createObjectNode().put("format", 1).put("version", version).put("kind", "full");
    manifest.putNull("base").put("created_at", Instant.now().toString());
    ArrayNode files = manifest.putArray("files");
    for (String name : FILES) {
      Path file = directory.resolve(name);
      files
          .addObject()
          .put("name", name)
          .put("bytes", Files.size(file))
          .put("sha256", sha256(Files.readAllBytes(file)));
    }
    manifest.putObject("provenance").put("trainer", "none: set from the demo's planted truth");
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(manifest) + "\n";
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
