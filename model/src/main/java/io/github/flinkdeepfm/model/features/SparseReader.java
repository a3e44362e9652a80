package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Reads one sparse feature's bag: an array of elements, or one element by itself. */
final class SparseReader implements FieldReader {
  private final SparseFeature feature;
  private final int key;
  private final IdEncoder encoder;
  private final WeightedBag weightedBag;

  /**
   * @param key the feature's place in the KJT
   * @param weightedBag where the ids wait for their weights; null in an unweighted model
   */
  SparseReader(SparseFeature feature, int key, IdEncoder encoder, WeightedBag weightedBag) {
    this.feature = feature;
    this.key = key;
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
        if (length < feature.maxLength()) {
          readElement(cursor, t, row);
        } else {
          parser.skipChildren();
        }
        length++;
      }
    }
    if (length > feature.maxLength()) {
      row.event.cutBags++;
    }
    if (weightedBag != null) {
      weightedBag.setFullLength(length);
    }
  }

  private void readElement(JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    row.countId(feature.source());
    long id = encoder.encode(cursor, token);
    if (weightedBag != null) {
      weightedBag.add(id);
    } else if (id != IdEncoder.DROPPED) {
      row.batch.addId(key, id);
    }
  }
}
