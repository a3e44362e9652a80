package io.github.flinkdeepfm.pipeline.faults;

import io.github.flinkdeepfm.pipeline.refresh.SoakModel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Event i of an endless stream for a {@link SoakModel}, the same for one seed. Few kinds of events
 * come again and again, so that each version's logits of all of them can be recomputed.
 */
final class FaultEvents {
  static final int KINDS = 251;
  private static final int BROKEN_EVERY = 500;

  private final String[] features = new String[KINDS];

  /**
   * @param rows of each table
   */
  FaultEvents(long seed, int rows) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int kind = 0; kind < KINDS; kind++) {
      StringBuilder json = new StringBuilder();
      for (int x = 0; x < SoakModel.DENSE; x++) {
        json.append(",\"x%d\":%d.5".formatted(x, random.nextInt(17)));
      }
      for (int t = 0; t < SoakModel.TABLES; t++) {
        json.append(",\"c%d\":[%d,%d]".formatted(t, random.nextInt(rows), random.nextInt(rows)));
      }
      features[kind] = json.append('}').toString();
    }
  }

  static int kind(long i) {
    return (int) (i % KINDS);
  }

  /** The reason of the dead letter that event i has to become; empty: it has to be scored. */
  static Optional<String> reason(long i) {
    return switch ((int) (i % BROKEN_EVERY)) {
      case 137 -> Optional.of("NOT_JSON");
      case 311 -> Optional.of("MISSING_DENSE");
      default -> Optional.empty();
    };
  }

  byte[] value(long i) {
    String id = "{\"event_id\":\"" + i + '"';
    String json =
        switch ((int) (i % BROKEN_EVERY)) {
          case 137 -> id;
          case 311 -> id + '}';
          default -> id + features[kind(i)];
        };
    return json.getBytes(StandardCharsets.UTF_8);
  }
}
