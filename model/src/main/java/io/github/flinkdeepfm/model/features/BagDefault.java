package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The bag of an event that has none: the feature is absent, null, an empty array, or an empty
 * string that is its only element. Its weights are 1.
 */
final class BagDefault {
  static final byte[] EMPTY_TEXT = {};

  private final int key;
  private final String pointer;
  private final long[] ids;

  private BagDefault(int key, String pointer, long[] ids) {
    this.key = key;
    this.pointer = pointer;
    this.ids = ids;
  }

  /**
   * Null if the feature has no default.
   *
   * @param key the feature's place in the KJT
   * @param encoder of the feature
   */
  static BagDefault of(SparseFeature feature, int key, IdEncoder encoder) {
    if (feature.defaultElements().isEmpty()) {
      return null;
    }
    List<String> elements = feature.defaultElements().get();
    long[] ids = new long[elements.size()];
    for (int i = 0; i < ids.length; i++) {
      try {
        ids[i] = encode(elements.get(i), encoder);
      } catch (RejectedEventException e) { // the reader of features.json has tried it
        throw new IllegalArgumentException(feature.name() + ": default: " + e.detail(), e);
      }
    }
    return new BagDefault(key, feature.source(), ids);
  }

  /** The id of one element, written as JSON. */
  static long encode(String element, IdEncoder encoder) throws RejectedEventException {
    try (JsonCursor cursor = JsonCursor.withoutTable(element.getBytes(UTF_8), 0)) {
      return encoder.encode(cursor, cursor.parser.nextToken());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // cannot be: it was written by a JSON tree
    }
  }

  /** Adds it to the row under way, as if the event had it. */
  void addTo(Row row) throws RejectedEventException {
    row.batch.markDefault(key);
    for (long id : ids) {
      row.countId(pointer);
      row.batch.addId(key, id);
    }
  }
}
