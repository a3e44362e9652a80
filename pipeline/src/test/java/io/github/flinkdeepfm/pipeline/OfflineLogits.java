package io.github.flinkdeepfm.pipeline;

import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.serving.ServingModel;
import java.nio.file.Path;

/** The logits of one version, each event scored alone, without Flink and Kafka. */
public final class OfflineLogits implements AutoCloseable {
  private final ServingModel model;
  private final DeepFmScorer scorer;
  private final EventDecoder decoder;
  private final FeatureBatch batch;
  private final DecodedEvent decoded = new DecodedEvent();
  private final float[] logit = new float[1];

  /**
   * @param version its directory; the bases of a delta are beside it
   */
  public OfflineLogits(Path version) {
    model = ServingModel.open(version);
    scorer = model.newScorer();
    decoder = model.newDecoder(EventMapping.DEFAULT);
    batch = decoder.newBatch();
  }

  /**
   * Scores one event.
   *
   * @param event one that is not a dead letter
   */
  public float of(byte[] event) throws Exception {
    batch.clear();
    decoder.decode(event, batch, decoded);
    scorer.score(batch.dense(), batch.toKeyedJaggedTensor(), logit);
    return logit[0];
  }

  @Override
  public void close() {
    scorer.close();
    model.close();
  }
}
