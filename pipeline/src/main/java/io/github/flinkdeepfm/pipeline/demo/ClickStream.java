package io.github.flinkdeepfm.pipeline.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Endless clicks that follow a {@link PlantedTruth}, the same for the same seeds and event times. A
 * small share is {@link Malformed}. Not thread-safe.
 *
 * <p>An event: {@code {"event_id":"e0","event_time":1700000000000,"dense":{"I1":3,"I2":null,…},
 * "sparse":{"C1":[17],"C3":"00ab12cd",…},"label":1}}, about 600 bytes.
 */
final class ClickStream {
  static final double MALFORMED_SHARE = 0.005;
  private static final byte[] EVENT_ID = "{\"event_id\":\"e".getBytes(US_ASCII);
  private static final byte[] EVENT_TIME = "\",\"event_time\":".getBytes(US_ASCII);
  private static final byte[] CLICK = ",\"label\":1}".getBytes(US_ASCII);
  private static final byte[] NO_CLICK = ",\"label\":0}".getBytes(US_ASCII);

  private final PlantedTruth truth;
  private final SplittableRandom random;
  private final SplittableRandom faults;
  private final TextBuffer buffer = new TextBuffer();
  private long index;

  /**
   * @param truth not used by another stream at the same time
   * @param seed of the draws
   */
  ClickStream(PlantedTruth truth, long seed) {
    this.truth = truth;
    random = new SplittableRandom(seed);
    faults = random.split();
  }

  /**
   * @param eventTime epoch milliseconds
   */
  Click next(long eventTime) {
    buffer.clear();
    buffer.put(EVENT_ID);
    buffer.put(index);
    buffer.put(EVENT_TIME);
    buffer.put(eventTime);
    buffer.put(',');
    double probability = PlantedTruth.sigmoid(truth.write(random, buffer));
    boolean label = random.nextDouble() < probability;
    buffer.put(label ? CLICK : NO_CLICK);
    byte[] value = buffer.toByteArray();
    if (faults.nextDouble() >= MALFORMED_SHARE) {
      return new Click(index++, value, label, probability, Optional.empty());
    }
    Malformed kind = Malformed.draw(faults);
    return new Click(index++, kind.spoil(value, faults), label, probability, Optional.of(kind));
  }
}
