package io.github.flinkdeepfm.operators;

import java.nio.charset.StandardCharsets;

/** A user's own event type, a mutable Flink POJO: the values of {@link TestModel#event(long)}. */
public class Click {
  public long number;
  public double age;
  public long ad;
  public long[] seen = {};

  /** Its ids follow from its number. */
  static Click of(long number) {
    Click click = new Click();
    click.set(number);
    return click;
  }

  void set(long n) {
    number = n;
    age = n % 7;
    ad = n % 10;
    seen = new long[] {n % 20, (n * 3) % 20};
  }

  /** As the event topic would carry it, with its number as offset. */
  RawEvent json() {
    String text =
        "{\"dense\":{\"age\":%s,\"dense_1\":0.5},\"sparse\":{\"ad\":%d,\"seen\":[%d,%d]}}"
            .formatted(age, ad, seen[0], seen[1]);
    byte[] value = text.getBytes(StandardCharsets.UTF_8);
    return new RawEvent(
        new SourceCoordinates("clicks", 0, number), number, null, value, new EventHeader[0]);
  }
}
