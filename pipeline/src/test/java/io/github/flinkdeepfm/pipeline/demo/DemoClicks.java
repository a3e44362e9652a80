package io.github.flinkdeepfm.pipeline.demo;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.FeaturesConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Events of the demo's click stream that are not malformed, and how they become columns.
 *
 * @param events JSON, about 600 bytes each
 */
public record DemoClicks(List<byte[]> events, ModelConfig model, FeaturesConfig features) {
  private static final long START = 1_700_000_000_000L;

  /** The first {@code count} of a seed. */
  public static DemoClicks of(long seed, int count) throws IOException {
    PlantedTruth truth = new PlantedTruth(seed);
    ModelConfig model = DemoFeatures.modelConfig(truth);
    List<byte[]> events = new ArrayList<>();
    ClickStream clicks = new ClickStream(truth, seed);
    while (events.size() < count) {
      Click click = clicks.next(START + events.size());
      if (click.malformed().isEmpty()) {
        events.add(click.value());
      }
    }
    return new DemoClicks(events, model, features(DemoFeatures.toJson(truth), model));
  }

  private static FeaturesConfig features(String json, ModelConfig model) throws IOException {
    Path folder = Files.createTempDirectory("demo-clicks");
    Path file = Files.writeString(folder.resolve("features.json"), json);
    try {
      return FeaturesConfigReader.read(folder, model);
    } finally {
      Files.delete(file);
      Files.delete(folder);
    }
  }

  public double meanBytes() {
    return events.stream().mapToInt(event -> event.length).average().orElseThrow();
  }
}
