package io.github.flinkdeepfm.model.features;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The row under way of events that are not JSON: the tree of the mapped pointers, whose sinks write
 * the row, and what is done before and after them. A format reads an event's bytes into the sinks.
 *
 * <p>The rules are those of {@link JsonEventDecoder}; so is the order of faults, if the sinks get
 * their values in document order.
 */
public final class MappedRow {
  private final EventMapping mapping;
  private final List<String> keys;
  private final boolean weighted;
  private final PointerNode root = new PointerNode("");
  private final Row row;
  private final DenseReader[] dense;
  private final ElementBag[] bags;
  private final List<Runnable> begins = new ArrayList<>();

  /** Reads one event's bytes into the sinks. */
  public interface Body {
    void read(byte[] value) throws RejectedEventException;
  }

  /**
   * @param features of the same model
   * @throws IllegalArgumentException if a pointer is not a JSON pointer
   */
  public MappedRow(EventMapping mapping, FeaturesConfig features, ModelConfig model) {
    this.mapping = mapping;
    keys = features.sparse().stream().map(SparseFeature::name).toList();
    weighted = model.isWeighted();
    row = new Row(mapping.maxIds());
    addMapped(mapping.id(), new EventIdSink(mapping.id(), row));
    addMapped(mapping.time(), new EventTimeSink(mapping.time(), mapping.timeFormat(), row));
    addCopy(mapping.label(), CopyReader.LABEL);
    for (int i = 0; i < mapping.copy().size(); i++) {
      addCopy(mapping.copy().get(i), i);
    }
    dense = new DenseReader[features.dense().size()];
    for (int column = 0; column < dense.length; column++) {
      DenseFeature feature = features.dense().get(column);
      dense[column] = new DenseReader(feature, column);
      root.add(feature.source(), new DenseSink(feature.source(), dense[column], row));
    }
    bags = ElementBag.all(features, model, mapping.maxIds());
    for (int key = 0; key < bags.length; key++) {
      SparseFeature feature = features.sparse().get(key);
      BagSink bag = new BagSink(feature.source(), bags[key], row);
      begins.add(bag::begin);
      root.add(feature.source(), bag);
      if (weighted) {
        WeightsSink sink = new WeightsSink(feature.weightsSource(), bags[key].weights());
        begins.add(sink::begin);
        root.add(feature.weightsSource(), sink);
      }
    }
  }

  private void addMapped(String pointer, ValueSink sink) {
    if (pointer != null) {
      root.add(pointer, sink);
    }
  }

  private void addCopy(String pointer, int place) {
    if (pointer != null) {
      CopySink sink = new CopySink(place, row);
      begins.add(sink::begin);
      root.add(pointer, sink);
    }
  }

  /** The event itself. */
  public PointerNode root() {
    return root;
  }

  public FeatureBatch newBatch() {
    return new FeatureBatch(dense.length, keys, weighted);
  }

  /** Counts fields of the row under way that no pointer names. */
  public void countUnknownFields(int fields) {
    row.event.unknownFields += fields;
  }

  /** Appends one event's row, as {@link EventDecoder#decode} has it. */
  public void decode(byte[] value, FeatureBatch batch, DecodedEvent out, Body body)
      throws RejectedEventException {
    Bodies.require(value, mapping.maxBytes());
    if (value.length == 0) {
      throw new RejectedEventException(DeadLetterReason.EMPTY, "expected an event, got 0 bytes");
    }
    boolean committed = false;
    batch.beginRow();
    try {
      begin(batch, out);
      body.read(value);
      finish();
      batch.commitRow();
      committed = true;
    } finally {
      if (!committed) {
        batch.rollbackRow();
      }
    }
  }

  private void begin(FeatureBatch batch, DecodedEvent out) {
    row.begin(batch, out, mapping.copy().size());
    for (DenseReader column : dense) {
      column.begin();
    }
    for (int i = 0; i < begins.size(); i++) { // no iterator for each event
      begins.get(i).run();
    }
  }

  private void finish() throws RejectedEventException {
    for (DenseReader column : dense) {
      column.finish(row);
    }
    for (ElementBag bag : bags) {
      bag.finish(row);
    }
  }
}
