package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Reads one sparse feature's bag: an array of elements, or one element by itself. */
final class SparseReader extends FieldReader {
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
  void read(JsonCursor cursor, JsonToken token, Row row)
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
  int scan(JsonScanner json, int from, Row row) {
    byte first = json.bytes[from];
    if (first == 'n') {
      return json.endOfNull(from);
    }
    if (first != '[') {
      endBag(1, row);
      return scanElement(json, from, row);
    }
    int at = json.open(from);
    if (at == JsonScanner.NONE) {
      return JsonScanner.NONE;
    }
    int length = 0;
    if (json.bytes[at] != ']') {
      while (true) {
        at = length < maxLength ? scanElement(json, at, row) : json.endOfValue(at);
        if (at == JsonScanner.NONE) {
          return JsonScanner.NONE;
        }
        length++;
        at = json.skipSpace(at);
        if (json.bytes[at] != ',') {
          break;
        }
        at = json.skipSpace(at + 1);
      }
    }
    endBag(length, row);
    return json.close(at, ']');
  }

  private int scanElement(JsonScanner json, int at, Row row) {
    int end;
    long id;
    if (json.bytes[at] == '"') {
      end = json.endOfText(at);
      if (end == JsonScanner.NONE) {
        return JsonScanner.NONE;
      }
      id = encoder.ofText(json.bytes, at + 1, end - 1);
    } else {
      end = json.endOfNumber(at);
      if (end == JsonScanner.NONE) {
        return JsonScanner.NONE;
      }
      JsonNumber number = json.number;
      id =
          number.isLong()
              ? encoder.ofInteger(number.longValue())
              : encoder.ofNumber(number.doubleValue());
    }
    if (id == IdEncoder.REFUSED || !row.hasRoomForId()) {
      return JsonScanner.NONE;
    }
    add(id, row);
    return end;
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
