package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.NumberOutput;
import io.github.flinkdeepfm.model.features.EventMapping.TimeFormat;
import java.math.BigDecimal;

/**
 * Takes the event time by the rules of {@link EventTimeReader}; of a type that is a time already,
 * by that type, whatever the configured format.
 */
final class EventTimeSink extends FieldSink {
  private final TimeFormat format;
  private final Row row;

  EventTimeSink(String pointer, TimeFormat format, Row row) {
    super(pointer);
    this.format = format;
    this.row = row;
  }

  @Override
  String expected() {
    return switch (format) {
      case EPOCH_MS -> "integer milliseconds since 1970";
      case EPOCH_S -> "seconds since 1970";
      case ISO8601 -> "an ISO 8601 string";
    };
  }

  @Override
  public void integer(long value) throws RejectedEventException {
    switch (format) {
      case EPOCH_MS -> set(value, value);
      case EPOCH_S -> {
        boolean fits = value >= 0 && value <= EventTimeReader.MAX_MILLIS;
        set(fits ? value * 1000 : EventTimeReader.NONE, value);
      }
      case ISO8601 -> super.integer(value);
    }
  }

  @Override
  public void unsigned(long bits) throws RejectedEventException {
    if (format == TimeFormat.ISO8601) {
      super.unsigned(bits);
    }
    set(EventTimeReader.NONE, Long.toUnsignedString(bits));
  }

  @Override
  public void number(double value) throws RejectedEventException {
    if (format != TimeFormat.EPOCH_S) {
      super.number(value);
    }
    boolean finite = Double.isFinite(value);
    set(
        finite
            ? EventTimeReader.floorMillis(new BigDecimal(NumberOutput.toString(value, true)))
            : EventTimeReader.NONE,
        value);
  }

  @Override
  public void text(byte[] utf8, int from, int to) throws RejectedEventException {
    if (format != TimeFormat.ISO8601) {
      super.text(utf8, from, to);
    }
    String text = new String(utf8, from, to - from, UTF_8);
    long millis = EventTimeReader.isoMillis(text);
    set(millis, millis < 0 ? quoted(utf8, from, to) : text);
  }

  @Override
  public void timestamp(long value, long perMilli) throws RejectedEventException {
    set(Math.floorDiv(value, perMilli), value);
  }

  private void set(long millis, Object got) throws RejectedEventException {
    if (millis < 0 || millis > EventTimeReader.MAX_MILLIS) {
      throw reject(DeadLetterReason.BAD_EVENT_TIME, "a time from 1970 to 9999 as " + format, got);
    }
    row.event.eventTime = millis;
  }
}
