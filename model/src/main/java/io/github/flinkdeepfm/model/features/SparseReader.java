package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * Reads one sparse feature's bag: an array of elements, or one element by itself.
 *
 * <p>With a default an empty string is no element where it is the only one: the first of an array
 * is held back until it is known whether there is another.
 */
final class SparseReader extends FieldReader {
  private final SparseFeature feature;
  private final int key;
  private final int maxLength;
  private final IdEncoder encoder;
  private final BagDefault orElse;
  private final WeightedBag weightedBag;
  private boolean hasElements;

  /**
   * @param key the feature's place in the KJT
   * @param orElse what stands in for a bag without elements, or null
   * @param weightedBag where the ids wait for their weights; null in an unweighted model
   */
  SparseReader(
      SparseFeature feature,
      int key,
      IdEncoder encoder,
      BagDefault orElse,
      WeightedBag weightedBag) {
    this.feature = feature;
    this.key = key;
    maxLength = feature.maxLength();
    this.encoder = encoder;
    this.orElse = orElse;
    this.weightedBag = weightedBag;
  }

  @Override
  void begin() {
    hasElements = false;
  }

  /** Not needed without a default, nor in a weighted model, where {@link WeightedBag} adds it. */
  @Override
  void finish(Row row) throws RejectedEventException {
    if (!hasElements) {
      orElse.addTo(row);
    }
  }

  @Override
  void read(JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    if (token != JsonToken.START_ARRAY) {
      if (!isEmptyText(cursor, token)) {
        readElement(cursor, token, row);
        endBag(1, row);
      }
      return;
    }
    JsonParser parser = cursor.parser;
    int length = 0;
    boolean heldBack = false;
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      if (length == 0 && isEmptyText(cursor, t)) {
        heldBack = true;
        length = 1;
        continue;
      }
      if (heldBack) {
        heldBack = false;
        row.countId(feature.source());
        add(encoder.encodeText(BagDefault.EMPTY_TEXT, 0, 0), row);
      }
      if (length < maxLength) {
        readElement(cursor, t, row);
      } else {
        parser.skipChildren();
      }
      length++;
    }
    endBag(heldBack ? 0 : length, row);
  }

  /** Whether it is an empty string that may stand for no element. */
  private boolean isEmptyText(JsonCursor cursor, JsonToken token) throws IOException {
    return orElse != null && token == JsonToken.VALUE_STRING && cursor.parser.getTextLength() == 0;
  }

  @Override
  int scan(JsonScanner json, int from, Row row) {
    byte first = json.bytes[from];
    if (first == 'n') {
      return json.endOfNull(from);
    }
    if (orElse != null && isEmptyText(json, from)) {
      return from + 2;
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
    if (orElse != null && isEmptyText(json, at)) {
      int next = json.skipSpace(at + 2);
      at = json.bytes[next] == ']' ? next : at;
    }
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

  private static boolean isEmptyText(JsonScanner json, int at) {
    return json.bytes[at] == '"' && json.bytes[at + 1] == '"';
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
      id = number.isLong() ? encoder.ofInteger(number.longValue()) : encoder.ofDecimal(number);
    }
    if (id == IdEncoder.REFUSED || !row.hasRoomForId()) {
      return JsonScanner.NONE;
    }
    add(id, row);
    return end;
  }

  private void endBag(int length, Row row) {
    hasElements = length > 0;
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
