package io.github.flinkdeepfm.model.features;

import java.util.Arrays;

/** The row under way: where the readers of one event write. Reused for all events. */
final class Row {
  private final int maxIds;
  private int ids;

  FeatureBatch batch;
  DecodedEvent event;

  Row(int maxIds) {
    this.maxIds = maxIds;
  }

  void begin(FeatureBatch batch, DecodedEvent event, int copies) {
    this.batch = batch;
    this.event = event;
    ids = 0;
    event.setEventId(null);
    event.eventTime = DecodedEvent.NO_TIME;
    event.label = null;
    if (event.copied.length == copies) {
      Arrays.fill(event.copied, null);
    } else {
      event.copied = new byte[copies][];
    }
    event.cutBags = 0;
    event.unknownFields = 0;
  }

  /** Counts an element; false if it is one too many. */
  boolean hasRoomForId() {
    return ++ids <= maxIds;
  }

  /** Counts an element that is about to be looked at. */
  void countId(String pointer) throws RejectedEventException {
    if (!hasRoomForId()) {
      throw new RejectedEventException(
          DeadLetterReason.TOO_MANY_IDS,
          "expected at most " + maxIds + " ids in one event, got more (" + pointer + ")");
    }
  }
}
