package io.github.flinkdeepfm.model.features;

import static io.github.flinkdeepfm.model.features.DeadLetterReason.NOT_FINITE;
import static io.github.flinkdeepfm.model.features.DeadLetterReason.WRONG_TYPE;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import java.util.Map;

/** One bag of the row under way, of elements that are Java values. Twin of {@link SparseReader}. */
final class ElementBag {
  private final SparseFeature feature;
  private final int key;
  private final IdEncoder encoder;
  private final BagDefault orElse;
  private final WeightedBag weights;
  private int length;

  /** The first element is an empty string, and there is no other yet: perhaps it is none. */
  private boolean heldBack;

  /**
   * @param key the feature's place in the KJT
   * @param orElse what stands in for a bag without elements, or null
   * @param weights where ids wait for their weights; null in an unweighted model
   */
  ElementBag(
      SparseFeature feature, int key, IdEncoder encoder, BagDefault orElse, WeightedBag weights) {
    this.feature = feature;
    this.key = key;
    this.encoder = encoder;
    this.orElse = orElse;
    this.weights = weights;
  }

  /**
   * The bags of all features, in the KJT's order.
   *
   * @param features of the same model
   * @param maxIds most ids of an event
   */
  static ElementBag[] all(FeaturesConfig features, ModelConfig model, int maxIds) {
    Map<String, Long> tableRows = FeaturesConfig.tableRows(model);
    ElementBag[] bags = new ElementBag[features.sparse().size()];
    for (int key = 0; key < bags.length; key++) {
      SparseFeature feature = features.sparse().get(key);
      IdEncoder encoder = IdEncoder.of(feature, tableRows.get(feature.name()));
      BagDefault orElse = BagDefault.of(feature, key, encoder);
      WeightedBag weights =
          model.isWeighted() ? new WeightedBag(feature, key, maxIds, orElse) : null;
      bags[key] = new ElementBag(feature, key, encoder, orElse, weights);
    }
    return bags;
  }

  /** Null in an unweighted model. */
  WeightedBag weights() {
    return weights;
  }

  void begin() {
    length = 0;
    heldBack = false;
    if (weights != null) {
      weights.begin();
    }
  }

  void add(long element, Row row) throws RejectedEventException {
    if (isKept(row)) {
      add(row, encoder.encodeInteger(element));
    }
  }

  void add(double element, Row row) throws RejectedEventException {
    if (isKept(row)) {
      if (!Double.isFinite(element)) {
        throw encoder.reject(NOT_FINITE, "a finite number", String.valueOf(element), "");
      }
      add(row, encoder.encodeNumber(element));
    }
  }

  /** An integer from 2^63 to 2^64 - 1, by its bits. */
  void addUnsigned(long bits, Row row) throws RejectedEventException {
    if (isKept(row)) {
      add(row, encoder.encodeUnsigned(bits));
    }
  }

  /** The string utf8[from, to), well-formed UTF-8. */
  void add(byte[] utf8, int from, int to, Row row) throws RejectedEventException {
    if (orElse != null && length == 0 && from == to) {
      heldBack = true;
      length = 1;
    } else if (isKept(row)) {
      add(row, encoder.encodeText(utf8, from, to));
    }
  }

  /** An element of a type that no encoding takes. */
  void addOther(String got, Row row) throws RejectedEventException {
    if (isKept(row)) {
      throw encoder.refused(got);
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
    if (heldBack) {
      length = 0;
    }
    if (length > feature.maxLength()) {
      row.event.cutBags++;
    }
    if (weights != null) {
      weights.setFullLength(length);
      weights.finish(row);
    } else if (length == 0 && orElse != null) {
      orElse.addTo(row);
    }
  }

  RejectedEventException unpairedSurrogate() {
    return encoder.reject(WRONG_TYPE, "Unicode text", "an unpaired surrogate", "");
  }

  /** Counts an element; what max_length cuts off is not looked at. */
  private boolean isKept(Row row) throws RejectedEventException {
    if (heldBack) {
      heldBack = false;
      row.countId(feature.source());
      add(row, encoder.encodeText(BagDefault.EMPTY_TEXT, 0, 0));
    }
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

  /** What the feature's rule takes, for a detail. */
  String expected() {
    return encoder.expected();
  }
}
