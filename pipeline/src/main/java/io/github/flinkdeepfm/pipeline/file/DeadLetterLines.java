package io.github.flinkdeepfm.pipeline.file;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.pipeline.format.DeadLetterJson;
import org.apache.flink.api.common.accumulators.Histogram;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;

/** Dead letters as lines of JSON, counted by the ordinal of their reason. */
final class DeadLetterLines extends RichMapFunction<DeadLetter, byte[]> {
  private static final long serialVersionUID = 1L;

  static final String REASONS = "reasons";

  private final int payloadLimit;
  private final Histogram reasons = new Histogram();
  private transient DeadLetterJson json;

  DeadLetterLines(int payloadLimit) {
    this.payloadLimit = payloadLimit;
  }

  @Override
  public void open(OpenContext context) {
    json = new DeadLetterJson(payloadLimit);
    getRuntimeContext().addAccumulator(REASONS, reasons);
  }

  @Override
  public byte[] map(DeadLetter letter) {
    reasons.add(letter.reason().ordinal());
    return json.write(letter);
  }
}
