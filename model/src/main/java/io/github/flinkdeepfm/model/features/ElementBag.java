package io.github.flinkdeepfm.model.features;

import static io.github.flinkdeepfm.model.features.DeadLetterReason.BAD_HEX;
import static io.github.flinkdeepfm.model.features.DeadLetterReason.ID_OUT_OF_RANGE;
import static io.github.flinkdeepfm.model.features.DeadLetterReason.NOT_FINITE;
import static io.github.flinkdeepfm.model.features.DeadLetterReason.WRONG_TYPE;

/** One bag of the row under way, of elements that are Java values. Twin of {@link SparseReader}. */
final class ElementBag {
  private final SparseFeature feature;
  private final int key;
  private final long tableRows;
  private final IdEncoder encoder;
  private final WeightedBag weights;
  private int length;

  /**
   * @param key the feature's place in the KJT
   * @param tableRows num_embeddings of its table
   * @param weights where ids wait for their weights; null in an unweighted model
   */
  ElementBag(SparseFeature feature, int key, long tableRows, WeightedBag weights) {
    this.feature = feature;
    this.key = key;
    this.tableRows = tableRows;
    this.encoder = IdEncoder.of(feature, tableRows);
    this.weights = weights;
  }

  void begin() {
    length = 0;
    if (weights != null) {
      weights.begin();
    }
  }

  void add(long element, Row row) throws RejectedEventException {
    if (isKept(row)) {
      long id = encoder.ofInteger(element);
      if (id == IdEncoder.REFUSED) {
        throw refusedInteger(String.valueOf(element));
      }
      add(row, id);
    }
  }

  void add(double element, Row row) throws RejectedEventException {
    if (isKept(row)) {
      if (!Double.isFinite(element)) {
        throw refused(NOT_FINITE, "a finite number", String.valueOf(element));
      }
      long id = encoder.ofNumber(element);
      if (id == IdEncoder.REFUSED) {
        throw refused(WRONG_TYPE, expected(), String.valueOf(element));
      }
      add(row, id);
    }
  }

  /** An integer from 2^63 to 2^64 - 1, by its bits. */
  void addUnsigned(long bits, Row row) throws RejectedEventException {
    if (isKept(row)) {
      long id = encoder.ofUnsigned(bits);
      if (id == IdEncoder.REFUSED) {
        throw refusedInteger(Long.toUnsignedString(bits));
      }
      add(row, id);
    }
  }

  /** The string utf8[from, to), well-formed UTF-8. */
  void add(byte[] utf8, int from, int to, Row row) throws RejectedEventException {
    if (isKept(row)) {
      long id = encoder.ofText(utf8, from, to);
      if (id == IdEncoder.REFUSED) {
        boolean hex = feature.encoding() instanceof Encoding.Hex;
        throw refused(
            hex ? BAD_HEX : WRONG_TYPE,
            hex ? "1 to 16 hexadecimal digits" : expected(),
            FieldSink.quoted(utf8, from, to));
      }
      add(row, id);
    }
  }

  /** An element of a type that no encoding takes. */
  void addOther(String got, Row row) throws RejectedEventException {
    if (isKept(row)) {
      throw refused(WRONG_TYPE, expected(), got);
    }
  }

  void addWeights(float[] added) throws RejectedEventException {
    weights.beginWeights();
    for (float weight : added) {
      if (!weights.appendWeight(weight)) {
        throw new RejectedEventException(
            NOT_FINITE,
            "expected a weight that is finite as f32, got %s (%s)"
                .formatted(weight, feature.weightsSource()));
      }
    }
  }

  void finish(Row row) throws RejectedEventException {
    if (length > feature.maxLength()) {
      row.event.cutBags++;
    }
    if (weights != null) {
      weights.setFullLength(length);
      weights.finish(row);
    }
  }

  RejectedEventException unpairedSurrogate() {
    return refused(WRONG_TYPE, "Unicode text", "an unpaired surrogate");
  }

  /** Counts an element; what max_length cuts off is not looked at. */
  private boolean isKept(Row row) throws RejectedEventException {
    if (length++ >= feature.maxLength()) {
      return false;
    }
    row.countId(feature.source());
    return true;
  }

  private void add(Row row, long id) {
    if (weights != null) {
      weights.add(id);
    } else if (id != IdEncoder.DROPPED) {
      row.batch.addId(key, id);
    }
  }

  private RejectedEventException refusedInteger(String got) {
    boolean isId = feature.encoding() instanceof Encoding.Id;
    return refused(
        isId ? ID_OUT_OF_RANGE : WRONG_TYPE,
        isId ? "an id from 0 to " + (tableRows - 1) : expected(),
        got);
  }

  private RejectedEventException refused(DeadLetterReason reason, String expected, String got) {
    return new RejectedEventException(
        reason, "expected " + expected + ", got " + got + " (" + feature.source() + ")");
  }

  /** What the encoders' own messages say. */
  String expected() {
    Encoding encoding = feature.encoding();
    if (encoding instanceof Encoding.Id) {
      return "an integer id";
    }
    if (encoding instanceof Encoding.Hash) {
      return "a string or an integer";
    }
    if (encoding instanceof Encoding.Hex) {
      return "a string of hexadecimal digits";
    }
    return encoding instanceof Encoding.Vocabulary ? "a string" : "a number";
  }
}
