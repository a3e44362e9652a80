package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;

/** Event times in the formats of {@link EventMapping.TimeFormat}, as epoch milliseconds. */
final class EventTimes {
  /** The last millisecond of 9999. */
  static final long MAX = 253_402_300_799_999L;

  private static final int MAX_SCALE = 64;
  private static final DateTimeFormatter ISO =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .optionalStart()
          .appendOffset("+HH:MM:ss", "Z")
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HHMM", "Z")
          .optionalEnd()
          .toFormatter(java.util.Locale.ROOT);

  private EventTimes() {}

  /**
   * The time at which the parser stands.
   *
   * @throws RejectedEventException WRONG_TYPE for a token of another type, BAD_EVENT_TIME for a
   *     time that cannot be read or is not from 1970 to 9999
   */
  static long read(JsonParser parser, EventMapping mapping)
      throws IOException, RejectedEventException {
    JsonToken token = parser.currentToken();
    return switch (mapping.timeFormat()) {
      case EPOCH_MS -> {
        require(token == JsonToken.VALUE_NUMBER_INT, "an integer (epoch_ms)", parser, mapping);
        boolean big = parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER;
        yield inRange(big ? -1 : parser.getLongValue(), parser, mapping);
      }
      case EPOCH_S -> {
        require(token.isNumeric(), "a number (epoch_s)", parser, mapping);
        yield inRange(seconds(parser.getDecimalValue()), parser, mapping);
      }
      case ISO8601 -> {
        require(token == JsonToken.VALUE_STRING, "a string (iso8601)", parser, mapping);
        yield inRange(iso(parser.getText()), parser, mapping);
      }
    };
  }

  private static void require(
      boolean fits, String expected, JsonParser parser, EventMapping mapping)
      throws IOException, RejectedEventException {
    if (!fits) {
      throw Rejections.expected(DeadLetterReason.WRONG_TYPE, expected, parser, mapping.time());
    }
  }

  private static long inRange(long millis, JsonParser parser, EventMapping mapping)
      throws IOException, RejectedEventException {
    if (millis < 0 || millis > MAX) {
      throw Rejections.expected(
          DeadLetterReason.BAD_EVENT_TIME,
          "a time from 1970 to 9999 as "
              + mapping.timeFormat().name().toLowerCase(java.util.Locale.ROOT),
          parser,
          mapping.time());
    }
    return millis;
  }

  /** −1 if out of range; the scale is bounded first, for a hostile exponent costs memory. */
  private static long seconds(BigDecimal seconds) {
    if (seconds.signum() < 0 || Math.abs((long) seconds.scale()) > MAX_SCALE) {
      return seconds.signum() == 0 ? 0 : -1;
    }
    BigDecimal millis = seconds.movePointRight(3).setScale(0, RoundingMode.FLOOR);
    return millis.compareTo(BigDecimal.valueOf(MAX)) > 0 ? -1 : millis.longValueExact();
  }

  private static long iso(String text) {
    try {
      TemporalAccessor time = ISO.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
      OffsetDateTime at =
          time instanceof OffsetDateTime offset
              ? offset
              : ((LocalDateTime) time).atOffset(ZoneOffset.UTC);
      return at.toInstant().toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      return -1;
    }
  }
}
