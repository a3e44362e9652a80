package io.github.flinkdeepfm.model.features;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes rows of columns of events that are Java values: the twin of {@link JsonEventDecoder} for
 * events that are not JSON. The same raw values give the same columns, bit for bit, and the same
 * faults the same reasons.
 *
 * <p>An event of several faults is rejected for the first that is written; then come missing dense
 * features in column order and ragged weights in the KJT's order. Not thread-safe.
 */
public final class RowBuilder {
  private final List<String> keys;
  private final boolean weighted;
  private final Map<String, Integer> columns = new HashMap<>();
  private final Map<String, Integer> features = new HashMap<>();
  private final DenseReader[] dense;
  private final DenseFeature[] denseFeatures;
  private final ElementBag[] bags;
  private final Row row;
  private final DecodedEvent event = new DecodedEvent();
  private final Writer writer = new Writer();

  /**
   * @param features of the same model
   * @param maxIds events with more ids than this over all features are rejected
   */
  public RowBuilder(FeaturesConfig features, ModelConfig model, int maxIds) {
    keys = features.sparse().stream().map(SparseFeature::name).toList();
    weighted = model.isWeighted();
    row = new Row(maxIds);
    denseFeatures = features.dense().toArray(new DenseFeature[0]);
    dense = new DenseReader[denseFeatures.length];
    for (int column = 0; column < dense.length; column++) {
      dense[column] = new DenseReader(denseFeatures[column], column);
      columns.put(denseFeatures[column].name(), column);
    }
    bags = ElementBag.all(features, model, maxIds);
    for (int key = 0; key < bags.length; key++) {
      this.features.put(keys.get(key), key);
    }
  }

  /** An empty batch of this builder's shape. */
  public FeatureBatch newBatch() {
    return new FeatureBatch(dense.length, keys, weighted);
  }

  /**
   * Appends the event as one row.
   *
   * @param batch of {@link #newBatch}; as before if this throws
   * @throws RejectedEventException if the event is a dead letter
   */
  public <T> void write(T value, RowEncoder<T> encoder, FeatureBatch batch)
      throws RejectedEventException {
    boolean committed = false;
    batch.beginRow();
    try {
      row.begin(batch, event, 0);
      for (DenseReader reader : dense) {
        reader.begin();
      }
      for (ElementBag bag : bags) {
        bag.begin();
      }
      writer.fault = null;
      encoder.encode(value, writer);
      if (writer.fault != null) {
        throw writer.fault;
      }
      for (DenseReader reader : dense) {
        reader.finish(row);
      }
      for (ElementBag bag : bags) {
        bag.finish(row);
      }
      batch.commitRow();
      committed = true;
    } finally {
      if (!committed) {
        batch.rollbackRow();
      }
    }
  }

  /** Bags of the last row that {@code max_length} cut. */
  public int cutBags() {
    return event.cutBags;
  }

  /** Values of the last event whose feature the model does not have. */
  public int unknownFields() {
    return event.unknownFields;
  }

  private final class Writer implements RowWriter {
    private static final int SCRATCH_CHARS = 1024;

    private final char[] smallChars = new char[SCRATCH_CHARS];
    private final byte[] smallBytes = new byte[3 * SCRATCH_CHARS];
    private RejectedEventException fault;

    @Override
    public RowWriter dense(int column, double value) {
      DenseReader reader = dense[column];
      if (fault == null) {
        boolean twice = reader.isPresent();
        if (twice || !reader.set(value, row)) {
          DenseFeature feature = denseFeatures[column];
          fault =
              new RejectedEventException(
                  twice ? DeadLetterReason.DUPLICATE_FIELD : DeadLetterReason.NOT_FINITE,
                  "expected %s, got %s (%s)"
                      .formatted(
                          twice
                              ? "one value"
                              : "a number that is finite as f32 after its transforms",
                          twice ? "another" : value,
                          feature.source()));
        }
      }
      return this;
    }

    @Override
    public RowWriter dense(String name, double value) {
      Integer column = columns.get(name);
      return column == null ? unknown() : dense(column.intValue(), value);
    }

    @Override
    public RowWriter sparse(int feature, long element) {
      ElementBag bag = bags[feature];
      if (fault == null) {
        try {
          bag.add(element, row);
        } catch (RejectedEventException e) {
          fault = e;
        }
      }
      return this;
    }

    @Override
    public RowWriter sparse(String name, long element) {
      Integer feature = features.get(name);
      return feature == null ? unknown() : sparse(feature.intValue(), element);
    }

    @Override
    public RowWriter sparse(int feature, double element) {
      ElementBag bag = bags[feature];
      if (fault == null) {
        try {
          bag.add(element, row);
        } catch (RejectedEventException e) {
          fault = e;
        }
      }
      return this;
    }

    @Override
    public RowWriter sparse(String name, double element) {
      Integer feature = features.get(name);
      return feature == null ? unknown() : sparse(feature.intValue(), element);
    }

    @Override
    public RowWriter sparse(int feature, String element) {
      ElementBag bag = bags[feature];
      if (fault == null && element != null) {
        try {
          addText(bag, element);
        } catch (RejectedEventException e) {
          fault = e;
        }
      }
      return this;
    }

    @Override
    public RowWriter sparse(String name, String element) {
      Integer feature = features.get(name);
      return feature == null ? unknown() : sparse(feature.intValue(), element);
    }

    @Override
    public RowWriter sparse(int feature, long... elements) {
      if (elements != null) {
        for (long element : elements) {
          sparse(feature, element);
        }
      }
      return this;
    }

    @Override
    public RowWriter sparse(String name, long... elements) {
      Integer feature = features.get(name);
      return feature == null ? unknown() : sparse(feature.intValue(), elements);
    }

    @Override
    public RowWriter weights(int feature, float... weights) {
      ElementBag bag = bags[feature];
      if (!weighted) {
        return unknown();
      }
      if (fault == null && weights != null) {
        try {
          bag.addWeights(weights);
        } catch (RejectedEventException e) {
          fault = e;
        }
      }
      return this;
    }

    @Override
    public RowWriter weights(String name, float... weights) {
      Integer feature = features.get(name);
      return feature == null ? unknown() : weights(feature.intValue(), weights);
    }

    @Override
    public RowWriter reject(DeadLetterReason reason, String detail) {
      if (fault == null) {
        fault = new RejectedEventException(reason, detail);
      }
      return this;
    }

    private RowWriter unknown() {
      event.unknownFields++;
      return this;
    }

    private void addText(ElementBag bag, String element) throws RejectedEventException {
      int n = element.length();
      char[] chars = n <= SCRATCH_CHARS ? smallChars : new char[n];
      byte[] bytes = n <= SCRATCH_CHARS ? smallBytes : new byte[Math.multiplyExact(3, n)];
      element.getChars(0, n, chars, 0);
      int size = Utf8.encode(chars, 0, n, bytes);
      if (size == Utf8.UNPAIRED) {
        throw bag.unpairedSurrogate();
      }
      bag.add(bytes, 0, size, row);
    }
  }
}
