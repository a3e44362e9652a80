package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;

/** Reads one dense column: a JSON number through its transforms, null and absent as the default. */
final class DenseReader implements FieldReader {
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
    Arrays.fill(ofCounts, Float.NaN);
    hasDefault = feature.defaultValue().isPresent();
    defaultColumn = hasDefault ? feature.transform(feature.defaultValue().getAsDouble()) : 0f;
  }

  @Override
  public void begin() {
    present = false;
  }

  @Override
  public void read(JsonCursor cursor, JsonToken token, Row row)
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
  public boolean scan(JsonScanner json, Row row) {
    if (json.peek() == 'n') {
      return json.takeNull();
    }
    return json.scanNumber() && set(json.number.doubleValue(), row);
  }

  private float column(double raw) {
    int count = (int) raw;
    if (count < 0
        || count >= COUNTS
        || Double.doubleToRawLongBits(count) != Double.doubleToRawLongBits(raw)) { // -0.0, 1.5 …
      return feature.transform(raw);
    }
    float value = ofCounts[count];
    if (Float.isNaN(value)) {
      value = feature.transform(raw);
      ofCounts[count] = value;
    }
    return value;
  }

  boolean isPresent() {
    return present;
  }

  /** Sets the column from its raw value; false if it is not finite as f32. */
  boolean set(double raw, Row row) {
    float value = column(raw);
    row.batch.setDense(column, value);
    present = true;
    return Float.isFinite(value);
  }

  @Override
  public void finish(Row row) throws RejectedEventException {
    if (present) {
      return;
    }
    if (!hasDefault) {
      throw new RejectedEventException(
          DeadLetterReason.MISSING_DENSE,
          "expected a number, got null or no field (" + feature.source() + ")");
    }
    row.batch.setDense(column, defaultColumn);
  }
}
