package io.github.flinkdeepfm.model.features;

/** Takes the event id by the rules of {@link EventIdReader}. */
final class EventIdSink extends FieldSink {
  private final Row row;

  EventIdSink(String pointer, Row row) {
    super(pointer);
    this.row = row;
  }

  @Override
  String expected() {
    return "a string or an integer";
  }

  @Override
  public void integer(long value) {
    row.event.setEventId(Long.toString(value));
  }

  @Override
  public void unsigned(long bits) {
    row.event.setEventId(Long.toUnsignedString(bits));
  }

  @Override
  public void text(byte[] utf8, int from, int to) throws RejectedEventException {
    if (to - from > EventIdReader.MAX_BYTES) {
      throw reject(DeadLetterReason.EVENT_ID_TOO_LONG, "at most 1024 bytes of UTF-8", to - from);
    }
    row.event.setEventId(utf8, from, to);
  }
}
