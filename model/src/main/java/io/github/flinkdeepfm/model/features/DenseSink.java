package io.github.flinkdeepfm.model.features;

/** Takes a dense column's raw value. Twin of {@link DenseReader}, which has its rules. */
final class DenseSink extends FieldSink {
  private final DenseReader reader;
  private final Row row;

  DenseSink(String pointer, DenseReader reader, Row row) {
    super(pointer);
    this.reader = reader;
    this.row = row;
  }

  @Override
  String expected() {
    return "a number";
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
    if (!reader.set(value, row)) {
      throw reject(
          DeadLetterReason.NOT_FINITE,
          "a number that is finite as f32 after its transforms",
          value);
    }
  }
}
