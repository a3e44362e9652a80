package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** {@link Encoding.Bucketize}: how many boundaries are at most the number. */
final class BucketEncoder extends IdEncoder {
  private final double[] boundaries;
  private final String pointer;

  BucketEncoder(Encoding.Bucketize bucketize, String pointer) {
    this.pointer = pointer;
    boundaries = bucketize.boundaries().stream().mapToDouble(Double::doubleValue).toArray();
  }

  @Override
  long encode(JsonCursor cursor, JsonToken token) throws IOException, RejectedEventException {
    if (!token.isNumeric()) {
      throw cursor.wrongType("a number", pointer);
    }
    return ofNumber(cursor.parser.getDoubleValue());
  }

  @Override
  long ofInteger(long value) {
    return ofNumber(value);
  }

  @Override
  long ofUnsigned(long bits) {
    return ofNumber(FieldSink.unsignedToDouble(bits));
  }

  @Override
  long ofNumber(double x) {
    int low = 0;
    int high = boundaries.length;
    while (low < high) { // boundaries[0, low) ≤ x < boundaries[high, …)
      int middle = (low + high) >>> 1;
      if (boundaries[middle] <= x) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
