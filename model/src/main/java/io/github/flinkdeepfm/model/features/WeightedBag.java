package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;

/**
 * One bag of a weighted model while its event is read: ids and weights wait for each other, because
 * either may come first. It is the reader of the weights' field.
 *
 * <p>A dropped id keeps its place until the end, so that its weight goes with it.
 */
final class WeightedBag extends FieldReader {
  private static final int ABSENT = -1;

  private final SparseFeature feature;
  private final int key;
  private final int maxKept;
  private final BagDefault orElse;

  private long[] ids = new long[16];
  private int kept;
  private int bagLength;
  private float[] weights = new float[16];
  private int weightsLength;

  /**
   * @param key the feature's place in the KJT
   * @param maxIds no event has more ids: weights beyond are counted, not kept
   * @param orElse what stands in for a bag without elements, or null
   */
  WeightedBag(SparseFeature feature, int key, int maxIds, BagDefault orElse) {
    this.feature = feature;
    this.key = key;
    this.orElse = orElse;
    this.maxKept = Math.min(feature.maxLength(), maxIds);
  }

  @Override
  void begin() {
    kept = 0;
    bagLength = 0;
    weightsLength = ABSENT;
  }

  /** Appends an id, or {@link IdEncoder#DROPPED}. */
  void add(long id) {
    if (kept == ids.length) {
      ids = Arrays.copyOf(ids, kept * 2);
    }
    ids[kept++] = id;
  }

  /** Sets the length of the bag before max_length cut it. */
  void setFullLength(int length) {
    bagLength = length;
  }

  @Override
  void read(JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    weightsLength = 0;
    if (token != JsonToken.START_ARRAY) {
      readWeight(cursor, token, "a number or an array of numbers");
      return;
    }
    for (JsonToken t = cursor.parser.nextToken();
        t != JsonToken.END_ARRAY;
        t = cursor.parser.nextToken()) {
      if (weightsLength < feature.maxLength()) {
        readWeight(cursor, t, "a number");
      } else {
        cursor.parser.skipChildren();
        weightsLength++;
      }
    }
  }

  @Override
  int scan(JsonScanner json, int from, Row row) {
    byte first = json.bytes[from];
    if (first == 'n') {
      return json.endOfNull(from);
    }
    weightsLength = 0;
    if (first != '[') {
      return scanWeight(json, from);
    }
    int at = json.open(from);
    if (at == JsonScanner.NONE) {
      return JsonScanner.NONE;
    }
    if (json.bytes[at] != ']') {
      while (true) {
        at = weightsLength < feature.maxLength() ? scanWeight(json, at) : skipWeight(json, at);
        if (at == JsonScanner.NONE) {
          return JsonScanner.NONE;
        }
        at = json.skipSpace(at);
        if (json.bytes[at] != ',') {
          break;
        }
        at = json.skipSpace(at + 1);
      }
    }
    return json.close(at, ']');
  }

  private int scanWeight(JsonScanner json, int at) {
    int end = json.endOfNumber(at);
    return end != JsonScanner.NONE && addWeight((float) json.number.doubleValue())
        ? end
        : JsonScanner.NONE;
  }

  private int skipWeight(JsonScanner json, int at) {
    weightsLength++;
    return json.endOfValue(at);
  }

  private void readWeight(JsonCursor cursor, JsonToken token, String expected)
      throws IOException, RejectedEventException {
    if (!token.isNumeric()) {
      throw cursor.wrongType(expected, feature.weightsSource());
    }
    if (!addWeight((float) cursor.parser.getDoubleValue())) {
      throw cursor.reject(
          DeadLetterReason.NOT_FINITE, "a weight that is finite as f32", feature.weightsSource());
    }
  }

  /** From now on the weights are not absent, even if none is appended. */
  void beginWeights() {
    weightsLength = Math.max(0, weightsLength);
  }

  /** Appends the next weight of {@link #beginWeights}; false if it is looked at and not finite. */
  boolean appendWeight(double weight) {
    return skipCutWeight() || addWeight((float) weight);
  }

  /** Counts the next weight if max_length cuts it off; such a one is not looked at. */
  boolean skipCutWeight() {
    boolean cut = weightsLength >= feature.maxLength();
    if (cut) {
      weightsLength++;
    }
    return cut;
  }

  /** False if it is not finite. */
  private boolean addWeight(float weight) {
    if (weightsLength < maxKept) {
      if (weightsLength == weights.length) {
        weights = Arrays.copyOf(weights, weightsLength * 2);
      }
      weights[weightsLength] = weight;
    }
    weightsLength++;
    return Float.isFinite(weight);
  }

  @Override
  void finish(Row row) throws RejectedEventException {
    if (weightsLength != ABSENT && weightsLength != bagLength) {
      throw new RejectedEventException(
          DeadLetterReason.RAGGED_WEIGHTS,
          "expected as many weights as the bag has elements, "
              + bagLength
              + ", got "
              + weightsLength
              + " ("
              + feature.weightsSource()
              + ")");
    }
    if (bagLength == 0 && orElse != null) {
      orElse.addTo(row);
    }
    for (int i = 0; i < kept; i++) {
      if (ids[i] != IdEncoder.DROPPED) {
        row.batch.addId(key, ids[i], weightsLength == ABSENT ? 1f : weights[i]);
      }
    }
  }
}
