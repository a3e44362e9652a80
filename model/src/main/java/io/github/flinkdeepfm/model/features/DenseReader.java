package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;

/** Reads one dense column: a JSON number through its transforms, null and absent as the default. */
final class DenseReader extends FieldReader {
  private static final int COUNTS = 1024;

  private final DenseFeature feature;
  private final int column;
  private final boolean hasDefault;
  private final float defaultColumn;
  private boolean present;

  /**
   * The column's values for raw 0, 1, 2 …, NaN until needed: log1p takes longer than its digits.
   */
  private final float[] ofCounts = new float[COUNTS];

  DenseReader(DenseFeature feature, int column) {
    this.feature = feature;
    this.column = column;
    hasDefault = feature.defaultValue().isPresent();
    defaultColumn = hasDefault ? feature.transform(feature.defaultValue().getAsDouble()) : 0f;
    Arrays.fill(ofCounts, Float.NaN);
  }

  @Override
  void begin() {
    present = false;
  }

  @Override
  void read(JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    if (!token.isNumeric()) {
      throw cursor.wrongType("a number", feature.source());
    }
    if (!set(cursor.parser.getDoubleValue(), row)) {
      throw cursor.reject(
          DeadLetterReason.NOT_FINITE,
          "a number that is finite as f32 after its transforms",
          feature.source());
    }
  }

  @Override
  int scan(JsonScanner json, int at, Row row) {
    if (json.bytes[at] == 'n') {
      return json.endOfNull(at);
    }
    int end = json.endOfNumber(at);
    if (end == JsonScanner.NONE) {
      return JsonScanner.NONE;
    }
    JsonNumber number = json.number;
    boolean finite =
        number.isLong() ? set(number.longValue(), row) : set(number.doubleValue(), row);
    return finite ? end : JsonScanner.NONE;
  }

  boolean isPresent() {
    return present;
  }

  /** Sets the column from its raw value; false if it is not finite as f32. */
  boolean set(double raw, Row row) {
    return put(feature.transform(raw), row);
  }

  private boolean set(long raw, Row row) {
    if (raw < 0 || raw >= COUNTS) {
      return set((double) raw, row);
    }
    float value = ofCounts[(int) raw];
    if (Float.isNaN(value)) {
      value = feature.transform(raw);
      ofCounts[(int) raw] = value;
    }
    return put(value, row);
  }

  private boolean put(float value, Row row) {
    row.batch.setDense(column, value);
    present = true;
    return Float.isFinite(value);
  }

  boolean hasDefault() {
    return hasDefault;
  }

  /** The column of an event without the field; 0 if that is a fault. */
  float defaultColumn() {
    return defaultColumn;
  }

  /** Not needed where the row began with its defaults and this feature has one. */
  @Override
  void finish(Row row) throws RejectedEventException {
    if (present) {
      return;
    }
    if (!hasDefault) {
      throw new RejectedEventException(
          DeadLetterReason.MISSING_DENSE,
          "expected a number, got null or no field (" + feature.source() + ")");
    }
    row.batch.setDefault(column, defaultColumn);
  }
}
