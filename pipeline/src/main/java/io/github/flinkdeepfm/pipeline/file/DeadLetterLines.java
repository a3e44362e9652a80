package io.github.flinkdeepfm.pipeline.file;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.pipeline.format.DeadLetterJson;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;

/** Dead letters as lines of JSON, counted by their reason. */
final class DeadLetterLines extends RichMapFunction<DeadLetter, byte[]> {
  private static final long serialVersionUID = 1L;

  /** Before the reason in an accumulator's name. */
  static final String COUNTER = "dead-letters.";

  private final int payloadLimit;
  private transient DeadLetterJson json;
  private transient Map<DeadLetterReason, LongCounter> counters;

  DeadLetterLines(int payloadLimit) {
    this.payloadLimit = payloadLimit;
  }

  @Override
  public void open(OpenContext context) {
    json = new DeadLetterJson();
    counters = new EnumMap<>(DeadLetterReason.class);
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      counters.put(reason, new LongCounter());
      getRuntimeContext().addAccumulator(COUNTER + reason, counters.get(reason));
    }
  }

  @Override
  public byte[] map(DeadLetter letter) {
    counters.get(letter.reason()).add(1L);
    return json.write(letter, payloadLimit);
  }
}
