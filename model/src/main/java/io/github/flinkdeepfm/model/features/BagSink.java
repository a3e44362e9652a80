package io.github.flinkdeepfm.model.features;

/** Takes a sparse feature's bag: an array of elements, or one element by itself. */
final class BagSink extends FieldSink {
  private final ElementBag bag;
  private final Row row;

  /** 0: outside, 1: among the elements, more: inside an element that max_length cuts off. */
  private int level;

  BagSink(String pointer, ElementBag bag, Row row) {
    super(pointer);
    this.bag = bag;
    this.row = row;
  }

  void begin() {
    level = 0;
    bag.begin();
  }

  @Override
  String expected() {
    return bag.expected();
  }

  @Override
  void refuse(String got) throws RejectedEventException {
    if (level <= 1) {
      bag.addOther(got, row);
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
    if (level <= 1) {
      bag.add(value, row);
    }
  }

  @Override
  public void unsigned(long bits) throws RejectedEventException {
    if (level <= 1) {
      bag.addUnsigned(bits, row);
    }
  }

  @Override
  public void number(double value) throws RejectedEventException {
    if (level <= 1) {
      bag.add(value, row);
    }
  }

  @Override
  public void text(byte[] utf8, int from, int to) throws RejectedEventException {
    if (level <= 1) {
      bag.add(utf8, from, to, row);
    }
  }

  @Override
  public void beginArray() throws RejectedEventException {
    if (level == 1) {
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
