package io.github.flinkdeepfm.model.features;

/** Takes the weights of a bag: an array of numbers, or one by itself. */
final class WeightsSink extends FieldSink {
  private final WeightedBag bag;

  /** 0: outside, 1: among the weights, more: inside a weight that max_length cuts off. */
  private int level;

  WeightsSink(String pointer, WeightedBag bag) {
    super(pointer);
    this.bag = bag;
  }

  void begin() {
    level = 0;
  }

  @Override
  String expected() {
    return level == 0 ? "a number or an array of numbers" : "a number";
  }

  @Override
  void refuse(String got) throws RejectedEventException {
    if (level == 0 || (level == 1 && !bag.skipCutWeight())) {
      super.refuse(got);
    }
  }

  @Override
  public void nullValue() throws RejectedEventException {
    if (level > 0) {
      refuse("null");
    }
  }

  @Override
  public void integer(long value) throws RejectedEventException {
    number(value);
  }

  @Override
  public void unsigned(long bits) throws RejectedEventException {
    number(unsignedToDouble(bits));
  }

  @Override
  public void number(double value) throws RejectedEventException {
    if (level > 1) {
      return;
    }
    bag.beginWeights();
    if (!bag.appendWeight(value)) {
      throw reject(DeadLetterReason.NOT_FINITE, "a weight that is finite as f32", value);
    }
  }

  @Override
  public void beginArray() throws RejectedEventException {
    if (level == 0) {
      bag.beginWeights();
    } else {
      refuse("an array");
    }
    level++;
  }

  @Override
  public void endArray() {
    level--;
  }

  @Override
  public void beginObject() throws RejectedEventException {
    refuse("an object");
    level++;
  }

  @Override
  public void endObject() {
    level--;
  }
}
