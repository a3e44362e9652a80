package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.serving.ServingModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The model roots that {@link ModelFileFuzz} damages. */
final class FuzzedModels {
  static final List<String> EVENTS =
      List.of(
          "{\"event_id\":\"a\",\"dense\":{\"I1\":3,\"I2\":0.5},\"sparse\":{\"f\":[\"red\"],\"g\":[7]}}",
          "{\"event_id\":\"b\",\"dense\":{\"I2\":-1e30},\"sparse\":{\"f\":[\"x\",\"blue\"],\"g\":\"u\"}}",
          "{\"event_id\":\"c\",\"dense\":{\"I1\":null,\"I2\":7}}");

  private static final String FEATURES =
      """
      {"dense":[{"name":"I1","transforms":["log1p",{"clip":{"min":0,"max":9}}],"default":0.5},
                {"name":"I2","source":"/dense/I2",
                 "transforms":[{"standardize":{"mean":1,"std":2e29}}]}],
       "sparse":[{"name":"f","encoding":"vocabulary","vocabulary_file":"words.txt","max_length":3},
                 {"name":"g","encoding":"hash","seed":3,"buckets":20,"offset":5}]}
      """;

  private static final String WHEN = "2026-01-01T00:00:00Z";

  private FuzzedModels() {}

  /** A version v1 with everything that a version can hold, and a control.json. */
  static Path full(Path root) throws IOException {
    Path directory = TestModels.writeBare(root.resolve("v1"), 1);
    Files.writeString(root.resolve(ModelRoot.CONTROL), "{\"pin\":\"v1\"}");
    return complete(directory, "\"kind\":\"full\"");
  }

  /** The same in three shards. */
  static Path sharded(Path root) throws IOException {
    Path directory = Files.createDirectories(root.resolve("v1"));
    Files.writeString(
        directory.resolve(ModelDirectory.MODEL), ModelConfigWriter.toJson(TestModels.CONFIG));
    List<StateDict.Entry> entries = StateDict.of(TestModels.CONFIG);
    List<String> index = new ArrayList<>();
    for (int shard = 0; shard < 3; shard++) {
      List<StateDict.Entry> part = new ArrayList<>();
      for (int i = shard; i < entries.size(); i += 3) {
        part.add(entries.get(i));
        index.add("\"%s\":\"s%d.safetensors\"".formatted(entries.get(i).name(), shard));
      }
      TestModels.write(directory.resolve("s" + shard + ".safetensors"), part, 1);
    }
    Files.writeString(
        directory.resolve(TensorFiles.INDEX),
        "{\"metadata\":{\"total_size\":1},\"weight_map\":{%s}}".formatted(String.join(",", index)));
    return complete(directory, "\"kind\":\"full\"");
  }

  /** A version v1 that is a delta of v0. */
  static Path delta(Path root) throws IOException {
    complete(TestModels.writeBare(root.resolve("v0"), 1), "\"kind\":\"full\"");
    Path directory = Files.createDirectories(root.resolve("v1"));
    Random random = new Random(4);
    new SafetensorsWriter()
        .put("a.rows", new long[] {0, 7, 39}, 3)
        .put("a.values", TestModels.floats(random, 9), 3, 3)
        .put("b.rows", new long[] {29}, 1)
        .putBits("b.values", Dtype.F16, TestModels.halves(random, 3), 1, 3)
        .put(StateDict.OVER_BIAS, new float[] {0.5f}, 1)
        .write(directory.resolve(ModelDirectory.DELTA));
    return TestModels.writeManifest(directory, "\"kind\":\"delta\",\"base\":\"v0\"", WHEN);
  }

  /** A model or collection of TorchRec's with its parity sample, no manifest. */
  static Path golden(Path root, String name) throws IOException {
    Path directory = Files.createDirectories(root.resolve("v1"));
    for (String file :
        List.of(
            "model.json",
            "model.safetensors",
            "input.json",
            "input.safetensors",
            "expected.safetensors")) {
      Files.copy(Golden.directory(name).resolve(file), directory.resolve(file));
    }
    return directory;
  }

  private static Path complete(Path directory, String kind) throws IOException {
    Files.writeString(directory.resolve("features.json"), FEATURES);
    Files.writeString(directory.resolve("words.txt"), "red\ngrün\nblue\n");
    Files.write(directory.resolve("sample.jsonl"), EVENTS);
    List<String> scores = new ArrayList<>();
    try (ServingModel model = ServingModel.open(directory)) {
      for (float logit : score(model)) {
        scores.add("{\"logit\":%s,\"score\":%s}".formatted(logit, DeepFmScorer.sigmoid(logit)));
      }
    }
    Files.write(directory.resolve("sample_scores.jsonl"), scores);
    return TestModels.writeManifest(directory, kind, WHEN);
  }

  /** The logits of those of {@link #EVENTS} that the model's encoding takes. */
  static float[] score(ServingModel model) {
    EventDecoder decoder = model.newDecoder(EventMapping.DEFAULT);
    FeatureBatch batch = decoder.newBatch();
    for (String event : EVENTS) {
      try {
        decoder.decode(event.getBytes(StandardCharsets.UTF_8), batch, new DecodedEvent());
      } catch (RejectedEventException e) {
        // A dead letter of an encoding that was changed.
      }
    }
    float[] logits = new float[batch.rows()];
    try (DeepFmScorer scorer = model.newScorer()) {
      scorer.score(batch.dense(), batch.toKeyedJaggedTensor(), logits);
    }
    return logits;
  }
}
