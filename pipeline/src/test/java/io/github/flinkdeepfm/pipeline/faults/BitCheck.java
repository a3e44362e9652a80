package io.github.flinkdeepfm.pipeline.faults;

import io.github.flinkdeepfm.pipeline.OfflineLogits;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Compares the scores in a {@link Ledger}, bit by bit, with those of the versions they name. */
final class BitCheck {
  private static final float UNKNOWN = Float.NaN;

  private final Path root;
  private final FaultEvents events;
  private final Ledger ledger;
  private final Map<String, float[]> logits = new HashMap<>();
  private int checked;

  BitCheck(Path root, FaultEvents events, Ledger ledger) {
    this.root = root;
    this.events = events;
    this.ledger = ledger;
  }

  /** Checks the events since the last call, up to {@code end}; all have an outcome. */
  void upTo(int end) throws Exception {
    Map<String, OfflineLogits> open = new HashMap<>();
    try {
      for (; checked < end; checked++) {
        String version = ledger.version(checked);
        if (!version.isEmpty()) {
          check(version, open);
        }
      }
    } finally {
      open.values().forEach(OfflineLogits::close);
    }
  }

  private void check(String version, Map<String, OfflineLogits> open) throws Exception {
    float[] known = logits.computeIfAbsent(version, v -> unknown());
    int kind = FaultEvents.kind(checked);
    if (Float.isNaN(known[kind])) {
      known[kind] =
          open.computeIfAbsent(version, v -> new OfflineLogits(root.resolve(v)))
              .of(events.value(checked));
    }
    int expected = Float.floatToRawIntBits(known[kind]);
    int got = ledger.logitBits(checked);
    if (got != expected) {
      ledger.mistake(
          checked,
          "expected the logit %08x of version %s, got %08x".formatted(expected, version, got));
    }
  }

  private static float[] unknown() {
    float[] all = new float[FaultEvents.KINDS];
    Arrays.fill(all, UNKNOWN);
    return all;
  }
}
