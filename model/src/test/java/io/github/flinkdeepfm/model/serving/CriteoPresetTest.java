package io.github.flinkdeepfm.model.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ParitySample;
import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** {@code deploy/torchrec/criteo}: the columns of TorchRec's Criteo reader, by features.json. */
class CriteoPresetTest {
  private static final Path DIRECTORY = Path.of("..", "deploy", "torchrec", "criteo");

  @Test
  void theEventsOfTheSampleHaveTorchRecsColumns() throws Exception {
    ParitySample sample = ParitySample.read(ModelDirectory.open(DIRECTORY)).orElseThrow();
    try (ServingModel model = ServingModel.open(DIRECTORY)) {
      EventDecoder decoder = model.newDecoder(EventMapping.DEFAULT);
      FeatureBatch batch = decoder.newBatch();
      for (String event : Files.readAllLines(DIRECTORY.resolve(EncodingCheck.EVENTS))) {
        decoder.decode(event.getBytes(StandardCharsets.UTF_8), batch, new DecodedEvent());
      }

      assertThat(batch.rows()).isEqualTo(sample.batchSize());
      var kjt = batch.toKeyedJaggedTensor();
      assertThat(kjt.keys()).isEqualTo(sample.keys());
      assertThat(Arrays.copyOf(kjt.values(), batch.totalIds())).isEqualTo(sample.values());
      assertThat(kjt.lengths()).isEqualTo(sample.lengths());
      float[] dense = sample.denseFeatures();
      for (int i = 0; i < dense.length; i++) {
        assertThat(batch.dense()[i]).isCloseTo(dense[i], within(Math.ulp(dense[i])));
      }
    }
  }

  @Test
  void bothOfItsParitySamplesHold() {
    assertThat(ParityCheck.run(ModelDirectory.open(DIRECTORY)).orElseThrow().passed()).isTrue();
    try (ServingModel model = ServingModel.open(DIRECTORY)) {
      assertThat(EncodingCheck.run(DIRECTORY, model).orElseThrow().passed()).isTrue();
    }
  }
}
