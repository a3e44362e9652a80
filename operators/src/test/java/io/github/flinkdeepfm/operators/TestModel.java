package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** A small seeded model on disk, and events for it: two dense features, C1 of 10 ids, C2 of 20. */
final class TestModel {
  static final ModelConfig CONFIG =
      new ModelConfig(
          ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
          2,
          5,
          3,
          false,
          List.of(
              new EmbeddingBagConfig("t1", 10, 4, List.of("C1")),
              new EmbeddingBagConfig("t2", 20, 4, List.of("C2"))));

  /** Of the two tables of 10 and 20 rows. */
  static final long MAPPED_BYTES = (10 + 20) * 4 * Float.BYTES;

  /** Of the dense parameters, as read and as the GEMMs want them. */
  static final long PRIVATE_BYTES =
      2 * Float.BYTES * (5 * 2 + 5 + 4 * 5 + 4 + 3 * (4 + 2 * 4) + 3 + (4 + 3 + 1) + 1);

  private TestModel() {}

  /** Writes {@code root/version} as a bare model directory, with weights drawn from the seed. */
  static Path write(Path root, String version, long seed) throws IOException {
    Path directory = Files.createDirectories(root.resolve(version));
    Files.writeString(directory.resolve("model.json"), ModelConfigWriter.toJson(CONFIG));
    Random random = new Random(seed);
    SafetensorsWriter tensors = new SafetensorsWriter();
    for (StateDict.Entry entry : StateDict.of(CONFIG)) {
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      int count = 1;
      for (long size : shape) {
        count *= (int) size;
      }
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) random.nextGaussian() * 0.3f;
      }
      tensors.put(entry.name(), values, shape);
    }
    tensors.write(directory.resolve("model.safetensors"));
    return directory;
  }

  static RawEvent event(long offset, String json) {
    byte[] value = json == null ? null : json.getBytes(StandardCharsets.UTF_8);
    return new RawEvent(
        new SourceCoordinates("events", 0, offset),
        1_000 + offset,
        null,
        value,
        new EventHeader[0]);
  }

  /** A good event whose ids follow from its offset. */
  static RawEvent event(long offset) {
    return event(
        offset,
        ("{\"event_id\":\"e%d\",\"dense\":{\"dense_0\":%d,\"dense_1\":0.5},"
                + "\"sparse\":{\"C1\":[%d],\"C2\":[%d,%d]}}")
            .formatted(offset, offset % 7, offset % 10, offset % 20, (offset * 3) % 20));
  }
}
