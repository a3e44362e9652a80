package io.github.flinkdeepfm.model.features;

/** Takes a field that is copied through to the score, as compact JSON text; null is absent. */
final class CopySink implements ValueSink {
  private final int place;
  private final Row row;
  private final JsonText json = new JsonText();
  private final RecentTexts recent = new RecentTexts();
  private int level;

  /**
   * @param place as {@link CopyReader}'s
   */
  CopySink(int place, Row row) {
    this.place = place;
    this.row = row;
  }

  void begin() {
    level = 0;
    json.clear();
  }

  @Override
  public void nullValue() throws RejectedEventException {
    if (level > 0) {
      json.nullValue();
    }
  }

  @Override
  public void bool(boolean value) throws RejectedEventException {
    json.bool(value);
    endValue();
  }

  @Override
  public void integer(long value) throws RejectedEventException {
    json.integer(value);
    endValue();
  }

  @Override
  public void unsigned(long bits) throws RejectedEventException {
    json.unsigned(bits);
    endValue();
  }

  @Override
  public void number(double value) throws RejectedEventException {
    json.number(value);
    endValue();
  }

  @Override
  public void single(float value) throws RejectedEventException {
    json.number(value);
    endValue();
  }

  @Override
  public void text(byte[] utf8, int from, int to) throws RejectedEventException {
    json.text(utf8, from, to);
    endValue();
  }

  @Override
  public void beginArray() throws RejectedEventException {
    json.begin('[');
    level++;
  }

  @Override
  public void endArray() throws RejectedEventException {
    json.end(']');
    level--;
    endValue();
  }

  @Override
  public void beginObject() throws RejectedEventException {
    json.begin('{');
    level++;
  }

  @Override
  public void name(byte[] utf8, int from, int to) throws RejectedEventException {
    json.name(utf8, from, to);
  }

  @Override
  public void endObject() throws RejectedEventException {
    json.end('}');
    level--;
    endValue();
  }

  private void endValue() {
    if (level == 0) {
      byte[] text = recent.of(json.bytes(), 0, json.size());
      json.clear();
      if (place == CopyReader.LABEL) {
        row.event.label = text;
      } else {
        row.event.copied[place] = text;
      }
    }
  }
}
