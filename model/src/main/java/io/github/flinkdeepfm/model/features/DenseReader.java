package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Reads one dense column: a JSON number through its transforms, null and absent as the default. */
final class DenseReader implements FieldReader {
  private final DenseFeature feature;
  private final int column;
  private final boolean hasDefault;
  private final float defaultColumn;
  private boolean present;

  DenseReader(DenseFeature feature, int column) {
    this.feature = feature;
    this.column = column;
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

  boolean isPresent() {
    return present;
  }

  /** Sets the column from its raw value; false if it is not finite as f32. */
  boolean set(double raw, Row row) {
    float value = feature.transform(raw);
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
