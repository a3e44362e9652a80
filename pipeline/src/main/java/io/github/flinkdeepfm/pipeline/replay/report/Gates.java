package io.github.flinkdeepfm.pipeline.replay.report;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The gates of a replay and their thresholds, each optional.
 *
 * <pre>{@code
 * Gates gates = Gates.none().with(Gate.MAX_ABS_LOGIT, 0.01).with(Gate.MAX_MISSING, 0);
 * }</pre>
 */
public record Gates(Map<Gate, Double> thresholds) {
  public Gates {
    Map<Gate, Double> sorted = new EnumMap<>(Gate.class);
    sorted.putAll(thresholds);
    thresholds = Collections.unmodifiableMap(sorted);
  }

  public static Gates none() {
    return new Gates(Map.of());
  }

  /** These gates and one more, or one changed. */
  public Gates with(Gate gate, double threshold) {
    if (Double.isNaN(threshold)) {
      throw new IllegalArgumentException(
          "expected a number for %s, got NaN".formatted(gate.option()));
    }
    Map<Gate, Double> more = new EnumMap<>(Gate.class);
    more.putAll(thresholds);
    more.put(gate, threshold);
    return new Gates(more);
  }
}
