package io.github.flinkdeepfm.operators;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log of events at which the decoder failed: of the first with its stack trace, then once
 * a minute at most, with how many there were in between. Thread-safe.
 */
final class DecoderFailures {
  static final DecoderFailures OF_PROCESS = new DecoderFailures(System::nanoTime);

  private static final Logger LOG = LoggerFactory.getLogger(DecoderFailures.class);
  private static final long PAUSE_NANOS = 60_000_000_000L;

  private final LongSupplier nanoTime;
  private boolean told;
  private long toldAt;
  private long untold;

  DecoderFailures(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * @param place which event
   * @param failure null if it is not known
   */
  synchronized void tell(String place, String detail, Throwable failure) {
    Throwable trace = told ? null : failure;
    line(place, detail).ifPresent(line -> LOG.error(line, trace));
  }

  /** What there is to say; empty if a line was written a moment ago. */
  synchronized Optional<String> line(String place, String detail) {
    long now = nanoTime.getAsLong();
    if (told && now - toldAt < PAUSE_NANOS) {
      untold++;
      return Optional.empty();
    }
    String line = "%s: DECODER_FAILED: %s".formatted(place, detail);
    if (untold > 0) {
      line += " (and " + untold + " more since the last such line)";
    }
    told = true;
    toldAt = now;
    untold = 0;
    return Optional.of(line);
  }
}
