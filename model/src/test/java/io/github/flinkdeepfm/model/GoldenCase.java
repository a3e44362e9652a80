package io.github.flinkdeepfm.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.ArrayTable;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.modules.HalfFloat;
import io.github.flinkdeepfm.model.modules.PoolingType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** One model and input with what TorchRec made of them, from {@code src/test/resources/golden}. */
public final class GoldenCase {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final String name;
  private final ModelConfig config;
  private final Map<String, Tensor> model;
  private final Map<String, Tensor> input;
  private final Map<String, Tensor> expected;

  public GoldenCase(String name) {
    this.name = name;
    this.config = modelConfig(json(name + "/model.json"));
    this.model = tensors(name + "/model.safetensors");
    this.input = tensors(name + "/input.safetensors");
    this.expected = tensors(name + "/expected.safetensors");
  }

  /** A tensor of a safetensors file. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Tensor(String dtype, long[] shape, ByteBuffer bytes) {

    public float[] floats() {
      float[] floats = new float[count()];
      for (int i = 0; i < floats.length; i++) {
        floats[i] =
            switch (dtype) {
              case "F32" -> bytes.getFloat(4 * i);
              case "F16" -> HalfFloat.toFloat(bytes.getShort(2 * i));
              default -> throw new IllegalStateException("not an f32 or f16 tensor: " + dtype);
            };
      }
      return floats;
    }

    public long[] longs() {
      long[] longs = new long[count()];
      for (int i = 0; i < longs.length; i++) {
        longs[i] =
            switch (dtype) {
              case "I64" -> bytes.getLong(8 * i);
              case "I32" -> bytes.getInt(4 * i);
              default -> throw new IllegalStateException("not an integer tensor: " + dtype);
            };
      }
      return longs;
    }

    public int[] ints() {
      return Arrays.stream(longs()).mapToInt(Math::toIntExact).toArray();
    }

    private int count() {
      return (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }
  }

  public ModelConfig config() {
    return config;
  }

  public JsonNode description() {
    return json(name + "/case.json");
  }

  public Map<String, Tensor> expected() {
    return expected;
  }

  /** A parameter by its state_dict name, null if there is none. */
  public float[] parameter(String parameter) {
    Tensor tensor = model.get(parameter);
    return tensor == null ? null : tensor.floats();
  }

  public List<EmbeddingTable> tables() {
    String prefix =
        config.kind() == ModelConfig.Kind.SIMPLE_DEEP_FM_NN
            ? "sparse_arch.embedding_bag_collection.embedding_bags."
            : "embedding_bags.";
    return config.tables().stream()
        .<EmbeddingTable>map(
            t ->
                new ArrayTable(
                    parameter(prefix + t.name() + ".weight"), t.embeddingDim(), t.dataType()))
        .toList();
  }

  /** [B, N] */
  public INDArray denseFeatures() {
    Tensor dense = input.get("dense_features");
    return Nd4j.create(dense.floats(), dense.shape(), 'c');
  }

  public KeyedJaggedTensor sparseFeatures() {
    Tensor weights = input.get("weights");
    return KeyedJaggedTensor.fromOffsetsSync(
        strings(json(name + "/input.json").get("keys")),
        input.get("values").longs(),
        input.get("offsets").ints(),
        weights == null ? null : weights.floats());
  }

  public static List<String> strings(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  public static EmbeddingBagConfig tableConfig(JsonNode table) {
    return new EmbeddingBagConfig(
        table.get("name").asText(),
        table.get("num_embeddings").asLong(),
        table.get("embedding_dim").asInt(),
        strings(table.get("feature_names")),
        PoolingType.valueOf(table.get("pooling").asText()),
        DataType.valueOf(table.get("data_type").asText()));
  }

  private static ModelConfig modelConfig(JsonNode model) {
    List<EmbeddingBagConfig> tables = new ArrayList<>();
    model.get("tables").forEach(t -> tables.add(tableConfig(t)));
    return new ModelConfig(
        model.get("model").asText().equals("EmbeddingBagCollection")
            ? ModelConfig.Kind.EMBEDDING_BAG_COLLECTION
            : ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
        model.path("num_dense_features").asInt(),
        model.path("hidden_layer_size").asInt(),
        model.path("deep_fm_dimension").asInt(),
        model.path("is_weighted").asBoolean(),
        tables);
  }

  public static JsonNode json(String path) {
    try {
      return MAPPER.readTree(bytes(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Tensor> tensors(String path) {
    ByteBuffer file = ByteBuffer.wrap(bytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = Math.toIntExact(file.getLong(0));
    JsonNode header;
    try {
      header = MAPPER.readTree(new String(file.array(), 8, headerLength, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Tensor> tensors = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : header.properties()) {
      if (entry.getKey().equals("__metadata__")) {
        continue;
      }
      JsonNode node = entry.getValue();
      long[] shape =
          StreamSupport.stream(node.get("shape").spliterator(), false)
              .mapToLong(JsonNode::asLong)
              .toArray();
      int begin = node.get("data_offsets").get(0).asInt();
      int end = node.get("data_offsets").get(1).asInt();
      ByteBuffer slice =
          file.slice(8 + headerLength + begin, end - begin).order(ByteOrder.LITTLE_ENDIAN);
      tensors.put(entry.getKey(), new Tensor(node.get("dtype").asText(), shape, slice));
    }
    return tensors;
  }

  private static byte[] bytes(String path) {
    try (InputStream in = GoldenCase.class.getResourceAsStream("/golden/" + path)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
