package io.github.flinkdeepfm.model.features;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.fuzz.ByteMutator;
import io.github.flinkdeepfm.model.fuzz.JsonMutator;
import io.github.flinkdeepfm.model.fuzz.JsonTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Events of a scenario, most of them with mistakes. */
public final class FuzzedEvents {
  private static final List<String> ODD_IDS =
      List.of(
          "\"17\"",
          "\"-0\"",
          "\"007\"",
          "\"+1\"",
          "\" 1\"",
          "\"17.0\"",
          "\"-\"",
          "\"1524831183200260097\"",
          "\"9223372036854775807\"",
          "\"9223372036854775808\"",
          "\"-123456789012345678901234567890\"",
          "1.7e1",
          "1700e-2",
          "0.17e2",
          "-0.0",
          "9007199254740992.0",
          "-9007199254740992.0",
          "9007199254740993.0",
          "9007199254740994.0",
          "1.00000000000000000001",
          "1e-400",
          "[\"\"]",
          "[ \"\" ]",
          "[\"\",\"\"]",
          "[\"\" , 1]",
          "[\"\"");

  private static final List<String> ODD_TIMES =
      List.of(
          "1700000000000",
          "1700000000.1239",
          "253402300799999",
          "253402300800000",
          "253402300799.9999",
          "253402300800",
          "0.0009",
          "-0.0001",
          "\"2024-02-29T10:11:12.3456789Z\"",
          "\"2023-02-29T10:11:12Z\"",
          "\"2024-02-29\"",
          "\"2024-02-29T10:11\"",
          "\"2024-02-29T24:00:00Z\"",
          "\"2024-02-29T23:59:60Z\"",
          "\"2024-02-29T23:11:12+05:30\"",
          "\"2024-02-29T23:11:12+0530\"",
          "\"2024-02-29T23:11:12-00:00\"",
          "\"+12024-02-29T23:11:12Z\"",
          "\"1970-01-01T00:00:00+01:00\"");

  private final Random random;
  private final EventGenerator generator;
  private final JsonMutator mutator;
  private final ByteMutator damager;

  FuzzedEvents(EventScenario scenario, Random random) {
    this.random = random;
    generator = new EventGenerator(scenario, random);
    mutator = new JsonMutator(random, Stream.of(ODD_TIMES, ODD_IDS).flatMap(List::stream).toList());
    damager = new ByteMutator(random);
  }

  /** The next one; null is a tombstone. */
  byte[] next() {
    int kind = random.nextInt(100);
    if (kind == 0) {
      return random.nextInt(50) == 0 ? null : damager.noise(120);
    }
    JsonTree tree = generator.next();
    if (kind < 70) {
      mutator.mutate(tree, 1 + random.nextInt(random.nextInt(6) == 0 ? 8 : 2));
    }
    byte[] bytes = tree.write(random);
    return kind >= 50 && kind < 80 ? damager.mutate(bytes) : bytes;
  }

  /** So many events of the default mapping for the model that {@link #writeModel} writes. */
  public static List<byte[]> make(Path model, long seed, int count) {
    ModelConfig config = config();
    EventScenario scenario =
        new EventScenario(
            "written", EventMapping.DEFAULT, FeaturesConfigReader.read(model, config), config);
    Supplier<byte[]> events = new FuzzedEvents(scenario, new Random(seed))::next;
    return Stream.generate(events).limit(count).toList();
  }

  /** A model of every encoding and every transform, as a directory that is not there yet. */
  public static Path writeModel(Path directory) throws IOException {
    ModelConfig config = config();
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("model.json"), ModelConfigWriter.toJson(config));
    Files.writeString(
        directory.resolve("features.json"),
        EventScenario.EVERYTHING.formatted(",\"max_length\":4"));
    Random random = new Random(7);
    SafetensorsWriter tensors = new SafetensorsWriter();
    for (StateDict.Entry entry : StateDict.of(config)) {
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      float[] values =
          new float[(int) entry.shape().stream().reduce(1L, Math::multiplyExact).longValue()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * 0.1);
      }
      tensors.put(entry.name(), values, shape);
    }
    tensors.write(directory.resolve("model.safetensors"));
    return directory;
  }

  private static ModelConfig config() {
    return Events.model(4, true, 100, EventScenario.ALL);
  }
}
