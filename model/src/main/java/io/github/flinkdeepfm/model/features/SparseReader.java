package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Reads one sparse feature's bag: an array of elements, or one element by itself. */
final class SparseReader implements FieldReader {
  private final SparseFeature feature;
  private final int key;
  private final int maxLength;
  private final IdEncoder encoder;
  private final WeightedBag weightedBag;

  /**
   * @param key the feature's place in the KJT
   * @param weightedBag where the ids wait for their weights; null in an unweighted model
   */
  SparseReader(SparseFeature feature, int key, IdEncoder encoder, WeightedBag weightedBag) {
    this.feature = feature;
    this.key = key;
    maxLength = feature.maxLength();
    this.encoder = encoder;
    this.weightedBag = weightedBag;
  }

  @Override
  public void read(JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    int length = 0;
    if (token != JsonToken.START_ARRAY) {
      readElement(cursor, token, row);
      length = 1;
    } else {
      JsonParser parser = cursor.parser;
      for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
        if (length < maxLength) {
          readElement(cursor, t, row);
        } else {
          parser.skipChildren();
        }
        length++;
      }
    }
    endBag(length, row);
  }

  @Override
  public boolean scan(JsonScanner json, Row row) {
    int first = json.peek();
    if (first == 'n') {
      return json.takeNull();
    }
    if (first != '[') {
      if (!scanElement(json, row)) {
        return false;
      }
      endBag(1, row);
      return true;
    }
    if (!json.open()) {
      return false;
    }
    int length = 0;
    if (json.peek() != ']') {
      do {
        if (!(length < maxLength ? scanElement(json, row) : json.skipValue())) {
          return false;
        }
        length++;
      } while (json.take(','));
    }
    endBag(length, row);
    return json.close(']');
  }

  private boolean scanElement(JsonScanner json, Row row) {
    long id;
    if (json.peek() == '"') {
      if (!json.scanText()) {
        return false;
      }
      id = encoder.ofText(json.bytes(), json.textFrom(), json.textTo());
    } else {
      if (!json.scanNumber()) {
        return false;
      }
      JsonNumber number = json.number;
      id =
          number.isLong()
              ? encoder.ofInteger(number.longValue())
              : encoder.ofNumber(number.doubleValue());
    }
    if (id == IdEncoder.REFUSED || !row.hasRoomForId()) {
      return false;
    }
    add(id, row);
    return true;
  }

  private void endBag(int length, Row row) {
    if (length > maxLength) {
      row.event.cutBags++;
    }
    if (weightedBag != null) {
      weightedBag.setFullLength(length);
    }
  }

  private void readElement(JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    row.countId(feature.source());
    add(encoder.encode(cursor, token), row);
  }

  private void add(long id, Row row) {
    if (weightedBag != null) {
      weightedBag.add(id);
    } else if (id != IdEncoder.DROPPED) {
      row.batch.addId(key, id);
    }
  }
}
