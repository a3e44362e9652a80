package io.github.flinkdeepfm.pipeline.file;

import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.pipeline.format.ScoreJson;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;

/** Scores as lines of JSON, counted. */
final class ScoreLines extends RichMapFunction<ScoredEvent, byte[]> {
  private static final long serialVersionUID = 1L;

  static final String SCORED = "scored";

  private final ArrayList<String> copy;
  private final LongCounter scored = new LongCounter();
  private transient ScoreJson json;

  ScoreLines(List<String> copy) {
    this.copy = new ArrayList<>(copy);
  }

  @Override
  public void open(OpenContext context) {
    json = new ScoreJson(copy);
    getRuntimeContext().addAccumulator(SCORED, scored);
  }

  @Override
  public byte[] map(ScoredEvent event) {
    scored.add(1L);
    return json.write(event);
  }
}
