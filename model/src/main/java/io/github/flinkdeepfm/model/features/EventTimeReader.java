package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.flinkdeepfm.model.features.EventMapping.TimeFormat;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;

/** Reads the event time as epoch milliseconds, rounded down, from 1970 to the end of 9999. */
final class EventTimeReader extends FieldReader {
  static final long NONE = -1;
  static final long MAX_MILLIS = 253_402_300_799_999L;
  private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(MAX_MILLIS + 1, 3);
  private static final BigDecimal ONE_MILLI = BigDecimal.valueOf(1, 3);

  /** Offsets as +02 and +02:00. */
  private static final DateTimeFormatter ISO_EXTENDED = isoWithOffset("+HH:mm");

  /** Offsets as +0200. */
  private static final DateTimeFormatter ISO_BASIC_OFFSET = isoWithOffset("+HHMM");

  private final TimeFormat format;
  private final String pointer;

  EventTimeReader(TimeFormat format, String pointer) {
    this.format = format;
    this.pointer = pointer;
  }

  @Override
  void read(JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    if (token != JsonToken.VALUE_NULL) {
      row.event.eventTime =
          switch (format) {
            case EPOCH_MS -> readMillis(cursor, token);
            case EPOCH_S -> readSeconds(cursor, token);
            case ISO8601 -> readIso(cursor, token);
          };
    }
  }

  @Override
  int scan(JsonScanner json, int at, Row row) {
    byte first = json.bytes[at];
    if (first == 'n') {
      return json.endOfNull(at);
    }
    if ((first == '"') != (format == TimeFormat.ISO8601)) {
      return JsonScanner.NONE;
    }
    int end = first == '"' ? json.endOfText(at) : json.endOfNumber(at);
    if (end == JsonScanner.NONE) {
      return JsonScanner.NONE;
    }
    JsonNumber number = json.number;
    long millis =
        switch (format) {
          case EPOCH_MS -> number.isLong() ? number.longValue() : NONE;
          case EPOCH_S -> number.floorThousandfold();
          case ISO8601 -> isoMillis(new String(json.bytes, at + 1, end - at - 2, UTF_8));
        };
    if (millis < 0 || millis > MAX_MILLIS) {
      return JsonScanner.NONE;
    }
    row.event.eventTime = millis;
    return end;
  }

  private long readMillis(JsonCursor cursor, JsonToken token)
      throws IOException, RejectedEventException {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      throw cursor.wrongType("integer milliseconds since 1970", pointer);
    }
    if (!cursor.fitsLong()) {
      throw badTime(cursor);
    }
    return checked(cursor, cursor.parser.getLongValue());
  }

  private long readSeconds(JsonCursor cursor, JsonToken token)
      throws IOException, RejectedEventException {
    if (!token.isNumeric()) {
      throw cursor.wrongType("seconds since 1970", pointer);
    }
    JsonParser parser = cursor.parser;
    BigDecimal seconds;
    try {
      seconds =
          new BigDecimal(
              parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
    } catch (NumberFormatException e) { // an exponent beyond 32 bits
      throw badTime(cursor);
    }
    long millis = floorMillis(seconds);
    if (millis == NONE) {
      throw badTime(cursor);
    }
    return millis;
  }

  /** {@link #NONE} if it is before 1970 or after 9999. */
  static long floorMillis(BigDecimal seconds) {
    // Compared before it is rescaled: 1e999999999 would take that many digits.
    if (seconds.signum() < 0 || seconds.compareTo(MAX_SECONDS) >= 0) {
      return NONE;
    }
    if (seconds.compareTo(ONE_MILLI) < 0) {
      return 0;
    }
    return seconds.movePointRight(3).setScale(0, RoundingMode.FLOOR).longValueExact();
  }

  private long readIso(JsonCursor cursor, JsonToken token)
      throws IOException, RejectedEventException {
    if (token != JsonToken.VALUE_STRING) {
      throw cursor.wrongType("an ISO 8601 string", pointer);
    }
    cursor.requireUnicode(pointer);
    long millis = isoMillis(cursor.parser.getText());
    if (millis == NONE) {
      throw badTime(cursor);
    }
    return checked(cursor, millis);
  }

  /** {@link #NONE} if it is no such time. */
  static long isoMillis(String text) {
    try {
      TemporalAccessor parsed =
          formatter(text).parseBest(text, OffsetDateTime::from, LocalDateTime::from);
      OffsetDateTime time =
          parsed instanceof OffsetDateTime offset
              ? offset
              : ((LocalDateTime) parsed).atOffset(ZoneOffset.UTC);
      return time.toInstant().toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      return NONE;
    }
  }

  private static DateTimeFormatter formatter(String text) {
    int sign = text.length() - "+0200".length();
    boolean basic = sign > 0 && (text.charAt(sign) == '+' || text.charAt(sign) == '-');
    return basic ? ISO_BASIC_OFFSET : ISO_EXTENDED;
  }

  private static DateTimeFormatter isoWithOffset(String pattern) {
    return new DateTimeFormatterBuilder()
        .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
        .optionalStart()
        .appendOffset(pattern, "Z")
        .toFormatter(Locale.ROOT)
        .withResolverStyle(ResolverStyle.STRICT) // 30 February is no date
        .withChronology(IsoChronology.INSTANCE);
  }

  private long checked(JsonCursor cursor, long millis) throws IOException, RejectedEventException {
    if (millis < 0 || millis > MAX_MILLIS) {
      throw badTime(cursor);
    }
    return millis;
  }

  private RejectedEventException badTime(JsonCursor cursor) throws IOException {
    return cursor.reject(
        DeadLetterReason.BAD_EVENT_TIME, "a time from 1970 to 9999 as " + format, pointer);
  }
}
